"""The page on target eigenvalues, without a browser."""

from __future__ import annotations

import numpy as np
import pytest

from tests.pages.page import run, traces


@pytest.mark.parametrize(
    ("n", "method", "re", "im", "reached"),
    [
        (4, "go-mHC", 0.3, 0.4, True),
        (3, "go-mHC", 0.25, 0.43, False),
        (4, "KromHC", 0.2, 0.3, False),
        (2, "mHC", 0.5, 0.0, True),
    ],
)
def test_a_target_is_reached_or_its_nearest_point_told(
    n: int, method: str, re: float, im: float, reached: bool
) -> None:
    at = run("pages/target_eigenvalue.py", n=n, s=1, method=method, re=re, im=im)
    assert not at.exception
    told = next(text.value for text in at.markdown if "reach it" in text.value or "reaches it" in text.value)
    assert ("**" + method + " reaches it**" in told) == reached
    matrix = next(chart for chart in at.get("plotly_chart") if chart.proto.alt.startswith("Witness matrix"))
    packed = next(trace["z"] for trace in traces(matrix).values() if np.shape(trace.get("z")) == (n, n))
    np.testing.assert_allclose(packed.sum(0), 1, atol=1e-8)
    np.testing.assert_allclose(packed.sum(1), 1, atol=1e-8)
    values = np.linalg.eigvals(packed)
    assert (np.abs(values - complex(re, im)).min() <= 1e-7) == reached


@pytest.mark.parametrize(
    ("n", "method", "re", "im", "wanted"),
    [
        (4, "go-mHC", 0.9, 0.9, "**Nothing can**: by a theorem all eigenvalues lie within the Karpelevich region Θ₄."),
        (4, "mHC", 0.9, 0.9, "**Nothing can**"),
        (3, "go-mHC", 0.25, 0.43, "**It cannot**: by a theorem its eigenvalues are real, or within the Hypocycloid H₃"),
        (4, "KromHC", 0.2, 0.3, "**It cannot**: its matrices are symmetric"),
        (4, "go-mHC", 0.4, 0.5, "A search that fails proves nothing."),
        (4, "identity", 0.3, 0.4, "**It cannot**: without parameters it makes a single matrix"),
    ],
)
def test_what_a_theorem_excludes_is_not_said_to_be_unknown(
    n: int, method: str, re: float, im: float, wanted: str
) -> None:
    at = run("pages/target_eigenvalue.py", n=n, s=1, method=method, re=re, im=im)
    assert not at.exception
    words = "\n".join(text.value for text in at.markdown)
    assert wanted in words
    assert ("A search that fails" in words) == ("A search that fails" in wanted)
    names = set(traces(next(chart for chart in at.get("plotly_chart") if chart.proto.alt.startswith("Target"))))
    assert "nearest found" in names
    assert "reached" not in names
    assert not any(f"{digit}j" in words for digit in range(10))


def test_bad_targets_in_the_link_are_replaced() -> None:
    at = run("pages/target_eigenvalue.py", n=3, re="2", im="nan", show="everything")
    assert not at.exception
    told = [warning.value for warning in at.warning]
    assert len(told) == 3
    assert all(any(f"`{value}`" in text for text in told) for value in ("2", "nan", "everything"))


def test_a_search_that_is_cut_off_says_so_and_offers_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """However far it has come by then: with nothing at all, or with the nearest matrix so far."""
    monkeypatch.setattr("ui.work.limits.SHORT", 0.0)
    at = run("pages/target_eigenvalue.py", n=9, s=1, re=0.5, im=0.7, seed=77)
    assert not at.exception
    assert any("The search was cut off" in info.value for info in at.info)
    assert not any("stalled" in text.value for text in at.markdown)
    monkeypatch.setattr("ui.work.limits.SHORT", 600.0)
    next(button for button in at.button if button.label.startswith("Search on")).click().run()
    assert any("reach it" in text.value or "reaches it" in text.value for text in at.markdown)


NONE = "orthostochastic, Newton–Schulz"


def test_a_method_without_any_doubly_stochastic_matrix_says_so() -> None:
    at = run("pages/target_eigenvalue.py", n=3, method=NONE, re=0.2, im=0.1)
    assert not at.exception
    assert f"**{NONE} gave no doubly stochastic matrix**" in "\n".join(text.value for text in at.markdown)
    assert len(at.get("plotly_chart")) == 1  # the plane, and no matrix of zeros


def test_other_methods_stand_beside_each_other() -> None:
    at = run("pages/target_eigenvalue.py", n=3, re=0.2, im=0.1, others="yes", family="all")
    assert not at.exception
    told = {text.value for text in at.markdown}
    assert {"**TBP-mHC**  \nreaches it", f"**{NONE}**  \nno doubly stochastic matrix found"} <= told
    pictures = [chart.proto.alt for chart in at.get("plotly_chart")]
    assert len([alt for alt in pictures if alt.startswith("Matrix of")]) == 8
