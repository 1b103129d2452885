"""Your matrices: what is brought is found, judged and shown, what cannot be read gets a sentence, and a visit ends."""

from __future__ import annotations

import gc
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save

from inspector.examples import EXAMPLES
from tests.pages.page import opened, told, traces
from ui.own.visit import Visit
from ui.work.store import store

run = opened("pages/your_matrices.py")


def said(at) -> str:
    return "\n".join(told(at) + [error.value for error in at.error])


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_opens(name: str) -> None:
    at = run(example=name)
    assert not at.exception
    assert not at.error
    assert EXAMPLES[name].about[1:] in said(at)


def test_trained_matrices_are_judged_in_words() -> None:
    at = run()
    assert not at.exception
    words = said(at)
    assert "**1 of 12 rotates**, most of all `transformer.h.4.hc_mlp` with λ = -0.241 ± 0.654i." in words
    assert (
        "**11 of 12 are not doubly stochastic**: `transformer.h.3.hc_mlp` misses it by 0.5 after its 10 iterations"
        in words
    )
    assert "after 11 of 12 sites less than a twentieth" in words
    drawn = traces(at.get("plotly_chart")[0])
    values = np.concatenate([drawn[kind]["x"] + 1j * np.array(drawn[kind]["y"]) for kind in ("attn", "mlp")])
    assert len(values) == 12 * 3
    assert np.abs(values - (-0.2408 + 0.6538j)).min() < 1e-4
    converged = said(run(own_iterations=1000))
    assert "**4 of 12 rotate**" in converged
    saturated = said(run(temperature=0.05))
    assert "are saturated**" in saturated


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        (
            "nan 1\n1 0",
            ["**It holds nan or inf**: there are no eigenvalues.", "Nothing is near a matrix"],
            "Nothing rotates",
        ),
        ("nan 1\n1 0\n\n0 1\n1 0", ["**1 of 2 holds nan or inf**", "**Nothing rotates**"], "nan times"),
    ],
)
def test_a_matrix_of_nan_has_no_eigenvalues_to_speak_of(text: str, wanted: list[str], unwanted: str) -> None:
    at = run(own="text")
    at.text_area[0].set_value(text).run()
    assert not at.exception
    words = said(at)
    for sentence in wanted:
        assert sentence in words
    assert unwanted not in words


def test_the_chosen_site_is_shown_with_what_it_would_take() -> None:
    at = run(site=7)
    assert any("transformer.h.3.hc_mlp" in header.value for header in at.header)
    tables = [table.value for table in at.dataframe]
    takes = next(table for table in tables if "holds of all sites" in table)
    held = dict(zip(takes["method"], takes["holds of all sites"], strict=True))
    assert held["mHC"] == held["mHC-lite"] == "12 of 12"
    assert held["KromHC"] == "0 of 12"
    assert run(site=4095).header  # beyond the last one: the last one


def test_newer_methods_are_asked_too() -> None:
    at = run(site=7, family="newer")
    assert not at.exception
    takes = next(table.value for table in at.dataframe if "holds of all sites" in table.value)
    held = dict(zip(takes["method"], takes["holds of all sites"], strict=True))
    assert held["TBP-mHC"] == held["Euclidean projection"] == "12 of 12"
    assert held["identity"] == "0 of 12"


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("0 1\n1 0", "**Nothing rotates**"),
        ("[[0, 1, 0], [0, 0, 1], [1, 0, 0]]", "**1 of 1 rotates**"),
        ("1 2\n3 4", "**1 of 1 is not doubly stochastic**"),
        ("hello", "The text must hold rows of numbers; it begins with 'hello'."),
        ("1 2\n3", "The text must have rows of one length"),
        ("<script>alert(1)</script>", "must hold"),
    ],
)
def test_pasted_text_is_read_or_refused_in_a_sentence(pasted: str, sentence: str) -> None:
    at = run(own="text")
    at.text_area(key="_pasted").set_value(pasted).run()
    assert not at.exception
    assert sentence in said(at)
    assert at.text_area(key="_pasted").value == pasted  # nothing is lost


def test_negative_entries_are_found_and_nothing_holds_them() -> None:
    at = run(own="text")
    at.text_area(key="_pasted").set_value("2 -1 0\n-1 2 0\n0 0 1").run()
    words = said(at)
    assert "**1 of 1 is not doubly stochastic**" in words
    assert "misses it by 1, by a negative entry." in words
    assert "**1 eigenvalue lies outside the picture**, up to |λ| = 3." in words
    assert "The nearest doubly stochastic matrix, 2.0000 away, is a mean of 1 permutation" in words
    assert "**Not doubly stochastic**: no method holds this matrix." in words
    assert any("holds the nearest" in table.value for table in at.dataframe)
    at.text_area(key="_pasted").set_value("0.5 0.5\n0.5 0.5").run()
    assert not any(wrong in said(at) for wrong in ("not doubly", "Not doubly", "outside", "away, is a mean"))


def test_numbers_in_sentences_are_numbers_that_people_write() -> None:
    at = run(own="text")
    for text, wanted in {
        "1 0\n0 1\n\n0 1\n1 0": "after all 2 sites the differences of streams are what they were.",
        "3 -2\n-2 3\n\n1e9 -999999999\n-999999999 1e9": "1.0e10 times what they were; a gradient may grow",
        "1 0\n0 1\n\n0.75 0.25\n0.25 0.75": "50 % of what they were",
    }.items():
        at.text_area(key="_pasted").set_value(text).run()
        assert wanted in said(at), said(at)
        assert "e+" not in said(at)


def test_tables_that_are_called_logits_are_hinted_at() -> None:
    tensors = {"layers.0.my_logits": torch.eye(3) * 0.5 + 0.2, "layers.1.other": torch.eye(3)}
    at = run(own="files")
    at.session_state["_visit"].files = {"model.safetensors": save(tensors)}
    at.run()
    assert "**1 of 2 is called logits, and is read as it stands**: choose a convention" in said(at)
    assert "called logits" not in said(run(own="text"))


def test_files_are_read_with_their_configuration_and_forgotten() -> None:
    tensors = {"layers.3.hc_attn_base": torch.arange(24.0), "layers.3.hc_attn_scale": torch.ones(3)}
    at = run(own="files")
    at.session_state["_visit"].files = {"model.safetensors": save(tensors), "config.json": b'{"hc_sinkhorn_iters": 3}'}
    at.run()
    assert not at.exception
    table = next(table.value for table in at.dataframe if "read as" in table.value)
    assert list(table["read as"]) == ["DeepSeek-V4, 3 iterations, ε 1e-06"]
    assert "not what you brought" in said(at)
    name = at.session_state["_visit"].name
    keys = [key for key in store()._results if isinstance(key, tuple) and key[0] == ("visit", name)]
    assert keys
    at.button(key="_forget_files").click().run()
    assert not [key for key in store()._results if key in keys]
    assert at.session_state["_visit"].files == {}


@pytest.mark.parametrize(
    ("page", "count", "aspect"),
    [
        ("app.py", 36, "plane"),
        ("pages/target_eigenvalue.py", 36, "plane"),
        ("pages/inside_the_polytope.py", 12, "plane"),
        ("pages/inside_the_polytope.py", 12, "space"),
    ],
)
def test_own_matrices_lie_over_other_pages(page: str, count: int, aspect: str) -> None:
    at = opened(page)(n=4, s=1, matrices=1000, points=500, aspect=aspect, mine="yes")
    assert not at.exception
    assert at.toggle(key="_mine").label == "Your matrices (12)"
    pictures = [traces(chart) for chart in at.get("plotly_chart")]
    (drawn,) = [each["your matrices"] for each in pictures if "your matrices" in each]
    assert len(drawn["x"]) == count
    assert "transformer.h.4.hc_mlp" in drawn["customdata"]
    at.toggle(key="_mine").set_value(False).run()
    assert not at.exception
    assert not any("your matrices" in traces(chart) for chart in at.get("plotly_chart"))


def test_without_own_matrices_other_pages_offer_none() -> None:
    at = opened("app.py")(n=4, s=1, matrices=1000)
    assert "_mine" not in [toggle.key for toggle in at.toggle]


def test_what_lies_outside_the_picture_is_counted_beside_it() -> None:
    for method, outside in {"orthostochastic, Newton–Schulz": True, "go-mHC": False}.items():
        at = opened("app.py")(n=4, s=1, matrices=1000, method=method)
        assert ("Eigenvalues outside the picture" in at.table[0].value.index) == outside


def test_own_matrices_of_another_size_are_said_to_be() -> None:
    assert any("has n = 4" in text for text in told(opened("app.py")(n=3, s=1, matrices=1000, mine="yes")))


def test_results_of_a_visit_go_with_it() -> None:
    visit = Visit()
    key, other = (("visit", visit.name), "digest"), (("visit", "another"), "digest")
    with store()._lock:
        store()._results[key] = store()._results[other] = np.zeros(3)
    del visit
    gc.collect()
    assert key not in store()._results
    assert other in store()._results


@pytest.mark.parametrize("bad", [b"<html></html>", b"\x80\x04junk", b"PK\x03\x04junk", b""])
def test_a_bad_file_is_refused_in_a_sentence(bad: bytes) -> None:
    at = run(own="files")
    at.session_state["_visit"].files = {"x.pt": bad}
    at.run()
    assert not at.exception
    assert "'x.pt'" in said(at) or "checkpoint must be intact" in said(at)


def test_a_server_s_folder_is_offered_where_its_owner_set_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = io.BytesIO()
    np.save(held, np.eye(3)[[1, 2, 0]])
    (tmp_path / "cycle.npy").write_bytes(held.getvalue())
    (tmp_path / "secret.txt").symlink_to("/etc/passwd")
    (tmp_path / "other.exe").write_bytes(b"MZ")
    monkeypatch.setenv("BIRKHOFF_EXPLORER_FOLDER", str(tmp_path))
    at = run(own="folder")
    assert not at.exception
    assert at.selectbox(key="_folder_file").options == ["cycle.npy"]
    assert "**1 of 1 rotates**" in said(at)
    monkeypatch.delenv("BIRKHOFF_EXPLORER_FOLDER")
    assert "trained" in said(run(own="folder"))  # without a folder: the examples
