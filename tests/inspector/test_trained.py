"""The trained matrices that are shipped: their errors and spectra as an independent reading has them."""

import numpy as np
import pytest
import torch

import inspector
from geometry.regions import hypocycloid, perfect_mirsky, perfect_mirsky_exception

# Site: error of the sums that are not exact after 10 iterations; other eigenvalues after 1,000, to three digits.
KNOWN: dict[str, tuple[float, list[complex]]] = {
    "h.0.hc_attn": (0.000, [0.625, 0.624, 0.622]),
    "h.0.hc_mlp": (0.059, [1.000, 0.999, 0.671]),
    "h.1.hc_attn": (0.013, [0.999, 0.998, 0.915]),
    "h.1.hc_mlp": (0.124, [0.972 + 0.004j, 0.972 - 0.004j, 0.730]),
    "h.2.hc_attn": (0.061, [0.997 + 0.001j, 0.997 - 0.001j, 0.777]),
    "h.2.hc_mlp": (0.200, [0.980 + 0.007j, 0.980 - 0.007j, 0.485]),
    "h.3.hc_attn": (0.149, [0.989, 0.922, 0.725]),
    "h.3.hc_mlp": (0.500, [0.689, 0.667, 0.578]),
    "h.4.hc_attn": (0.496, [0.903, 0.577, 0.447]),
    "h.4.hc_mlp": (0.015, [-0.247 + 0.657j, -0.247 - 0.657j, 0.331]),
    "h.5.hc_attn": (0.081, [0.980, 0.653, 0.630]),
    "h.5.hc_mlp": (0.118, [0.960, 0.868, 0.721]),
}


@pytest.fixture(scope="module")
def trained() -> inspector.Collection:
    return inspector.example("trained mHC")


def test_errors_after_ten_iterations_are_those_of_the_training(trained: inspector.Collection) -> None:
    assert [site.name.removeprefix("transformer.") for site in trained] == list(KNOWN)
    for site, (error, _) in zip(trained, KNOWN.values(), strict=True):
        assert site.settings == "10 iterations"
        assert site.last == "rows"
        assert site.row_error < 1e-12
        assert site.column_error == pytest.approx(error, abs=6e-4)
        assert any("Not doubly stochastic" in warning for warning in site.warnings) == (error > 0)


def test_spectra_after_a_thousand_iterations(trained: inspector.Collection) -> None:
    converged = inspector.open(
        {site.name + ".H_res_logits": site.logits for site in trained}, temperature=1, iterations=1000
    )
    values = inspector.measures(converged.matrices(4)).eigenvalues
    for found, (_, wanted) in zip(values.numpy(), KNOWN.values(), strict=True):
        assert np.abs(found - np.array(wanted)).max() < 7.1e-4, (found, wanted)  # three digits of each part
    assert int(inspector.measures(converged.matrices(4)).rotates.sum()) == 4


def test_a_wrong_temperature_saturates_and_is_told(trained: inspector.Collection) -> None:
    wrong = inspector.open({site.name + ".H_res_logits": site.logits for site in trained})
    assert (wrong[0].temperature, wrong[0].warnings[0]) == (
        0.05,
        "Saturated: within 0.001 of the identity, where gradients in its logits are as small.",
    )
    assert any("temperature 0.05" in warning for warning in wrong[0].warnings)


def test_the_product_of_all_twelve_has_nearly_rank_one(trained: inspector.Collection) -> None:
    """As the independent reading has it: 1, -.062, .005, 0. In the opposite order the second is -.016."""
    (found,) = inspector.stacks(trained).values()
    values = torch.linalg.eigvals(found.composites[-1])
    assert values.imag.abs().max() < 1e-12
    assert values.real.sort().values.tolist() == pytest.approx([-0.062, 0, 0.005, 1], abs=6e-4)
    assert (found.backwards[0] - found.backwards[1] @ trained[0].matrix).abs().max() < 1e-15
    assert found.mixed_after == 11
    assert found.gains[0].max() < 1 + 1e-12 < 1.4 < found.gains[1, -1]  # rows are exact, columns multiply to 1.5


def test_quarks_and_leptons_are_unistochastic_of_order_three() -> None:
    """|U|^2 of a unitary U: its sums are 1, and its trace condition puts its spectrum in the deltoid."""
    for site in inspector.example("quark and lepton mixing"):
        assert max(site.row_error, site.column_error) < 1e-15
        values = inspector.measures(site.matrix).eigenvalues.numpy()
        assert hypocycloid(3).contains(values, 1e-12).all()
    assert inspector.example("quark and lepton mixing")[0].matrix[0, 1].sqrt() == pytest.approx(0.2250, abs=1e-4)


def test_the_contact_map_is_symmetric_and_balanced() -> None:
    (site,) = inspector.example("contact map")
    assert site.n == 16
    assert (site.matrix - site.matrix.mT).abs().max() < 1e-15
    assert max(site.row_error, site.column_error) < 1e-14
    assert not bool(inspector.measures(site.matrix).rotates)


def test_known_answers() -> None:
    uniform, cycle, half, exception = inspector.example("known answers")
    found = inspector.measures(uniform.matrix)
    assert found.second < 1e-15
    assert found.entropy == pytest.approx(1)
    assert found.from_identity == pytest.approx(2**0.5)
    turned = inspector.measures(cycle.matrix)
    assert turned.permutation.tolist() == [1, 2, 0]
    assert (turned.from_permutation, turned.entropy) == (0, 0)
    assert turned.eigenvalues.numpy() == pytest.approx(np.exp(2j * np.pi / 3 * np.array([1, -1])))
    values = np.sort_complex(inspector.measures(half.matrix).eigenvalues.numpy())
    assert values == pytest.approx(np.array([0, 0.5 - 0.5j, 0.5 + 0.5j]), abs=1e-12)
    outside = inspector.measures(exception.matrix)
    assert not bool(outside.inside_perfect_mirsky)
    assert bool(outside.inside_karpelevich)
    known = perfect_mirsky_exception()
    assert np.abs(outside.eigenvalues.numpy() - known.eigenvalue).min() < 1e-9
    assert not perfect_mirsky(5).contains([known.eigenvalue])[0]
