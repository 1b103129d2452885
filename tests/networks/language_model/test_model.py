"""The network: Table 9 to the last integer from the module itself, and the laws of a language model."""

from __future__ import annotations

import pytest
import torch

from learning.cost import language_model_parameters, residual_coefficients
from networks import HyperConnection
from networks.language_model import Architecture, LanguageModel
from networks.language_model.methods import names, projector
from projectors import methods
from tests.networks.language_model.small import NETWORK, network

BASE = 30_135_168
TABLE_9 = [
    ("mHC-lite", 4, 1, 608_676),
    ("KromHC", 4, 1, 239_796),
    ("go-mHC", 4, 1, 461_124),
    ("go-mHC", 4, 2, 1_346_436),
    ("KromHC", 8, 1, 848_172),
    ("go-mHC", 8, 1, 2_986_980),
    ("go-mHC", 8, 2, 10_067_172),
    ("mHC-lite", 8, 1, 1_487_467_236),
]


def count(architecture: Architecture) -> int:
    with torch.device("meta"):
        return LanguageModel(architecture, 50_304).parameter_count


def test_the_plain_network_is_the_papers() -> None:
    assert count(Architecture("residual")) == BASE


@pytest.mark.parametrize(("method", "n", "s", "added"), TABLE_9)
def test_table_9_counted_from_the_module(method: str, n: int, s: int, added: int) -> None:
    assert count(Architecture(method, n=n, s=s, coefficients="implemented")) == BASE + added
    assert language_model_parameters(methods(n, s)[method]) == BASE + added


def test_minimal_coefficients_are_what_the_map_has() -> None:
    lean = methods(4, 2)["go-mHC"]
    assert residual_coefficients(lean, "minimal") == 28
    assert count(Architecture("go-mHC")) == BASE + 12 * (4 * 384 * (9 + 28) + 28 + 11)


@pytest.mark.parametrize("method", names())
def test_no_token_depends_on_later_ones(method: str) -> None:
    made = network(method, n=4, layers=2)
    model = LanguageModel(made, 11, torch.Generator().manual_seed(0)).eval()
    tokens = torch.randint(11, (2, 8), generator=torch.Generator().manual_seed(1))
    changed = tokens.clone()
    changed[:, 5] = (changed[:, 5] + 1) % 11
    difference = (model(tokens) - model(changed)).abs().amax((0, 2))
    assert difference[:5].max() == 0
    assert difference[5:].min() > 0


@pytest.mark.parametrize("method", ["mHC", "go-mHC", "KromHC", "identity", "HC"])
def test_it_starts_as_the_plain_network(method: str) -> None:
    """Streams are equal at first, and equal streams are mixed into themselves."""
    plain, mixed = (
        LanguageModel(network(name, n=4), 11, torch.Generator().manual_seed(0)) for name in ("residual", method)
    )
    tokens = torch.arange(8)[None]
    state = {name.replace(".branch.", "."): each for name, each in plain.state_dict().items()}
    mine = {name: state.get(name.replace(".branch.", "."), each) for name, each in mixed.state_dict().items()}
    mixed.load_state_dict(mine)
    for module in mixed.modules():
        if isinstance(module, HyperConnection):  # of the first stream alone, whatever the layer
            assert float(module.maps(torch.ones(1, 4, 16)).pre.detach().sum()) == pytest.approx(1, abs=1e-5)
    torch.testing.assert_close(mixed(tokens), plain(tokens), atol=1e-4, rtol=1e-4)


def test_what_is_unknown_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"the method must be one of residual, HC, mHC, .*, not 'no'"):
        LanguageModel(network("no"), 11)
    with pytest.raises(ValueError, match=r"KromHC needs a composite n .*, not n = 3"):
        LanguageModel(network("KromHC"), 11)
    with pytest.raises(ValueError, match="multiple of the 3 heads, not 16"):
        network("mHC", heads=3)
    model = LanguageModel(NETWORK, 11)
    for wrong in (torch.zeros(1, 9, dtype=torch.long), torch.zeros(8, dtype=torch.long), torch.zeros(1, 8), "text"):
        with pytest.raises(ValueError, match="tokens must be whole numbers of shape"):
            model(wrong)


def test_the_authors_matrix_is_the_lean_one() -> None:
    whole, lean = (projector(network("go-mHC", n=3, s=2, coefficients=kind)) for kind in ("implemented", "minimal"))
    assert whole is not None
    assert lean is not None
    theta = torch.randn(5, 15, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(whole(whole.spread(theta)), lean(theta))
    full = torch.randn(5, 36, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    symmetric = full + full.unflatten(-1, (6, 6)).mT.flatten(1)
    torch.testing.assert_close(whole(full + symmetric), whole(full))
    assert torch.autograd.gradcheck(whole, full.requires_grad_())
