"""Every Python block in the README runs, in order, as one session: what a reader would paste."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"

# The names that people import, and that therefore stay: what the README shows, and what stands beside it.
PUBLIC = {
    "projectors": """Kronecker Mixture Orthostochastic PermutationMixture Projector Sinkhorn Unistochastic
        factorizations methods ranked variants""",
    "projectors.conventions": "CONVENTIONS Convention",
    "geometry.coverage": "coverage",
    "geometry.dimension": "affine_dimension",
    "geometry.distances": """Membership Nearest birkhoff_projection divergence exactness_residual facet_distance
        geodesic_angle membership nearest orthogonal_root""",
    "geometry.grid": "Density Window density",
    "geometry.reach": "Boundary Effort Ended ReachMap Solution boundary path reach_map reach_maps solve",
    "geometry.regions": """Region hypocycloid karpelevich orthostochastic_order3 perfect_mirsky
        perfect_mirsky_exception roots_of_unity_polygon""",
    "geometry.sampling": "sample",
    "geometry.slices": """Cloud CyclicPlane CyclicSpace DiagonalSpace KleinSpace OddPlane Order3Space PermutationView
        View cyclic_space cyclic_view diagonal_view klein_view odd_view order3_space outline permutation_view
        projection slice_map slice_maps space_sample space_slice space_slices""",
    "geometry.spectra": "density eigenvalues unordered_eigenvalues",
    "geometry.survey": "survey",
    "inspector": """EXAMPLES LAYOUTS Collection Converted Depth Measures Recording Settings Site convert depth example
        measures open parse record stacks""",
    "learning.choosing": "Budget choice",
    "geometry.proofs": "Proof not_excluded prove",
    "geometry.proofs.shipped": "proved_area shipped_proof",
    "sweeps": "Outcome Plan Store Task atlas columns plan run",
    "learning.cost": "language_model_parameters language_model_table layer_cost measured residual_coefficients",
    "learning.depth": "amax_gains decoupling repeated",
    "networks": """CausalAttention Contract Expand FeedForward HyperConnection Maps MixingMatrix Residual block
        constraint doubly_stochastic""",
    "learning.stream_mixing": "Run StreamMixing run standard_methods starting_losses trained",
    "learning.stream_mixing.presets": "PRESETS",
}
BLOCK = re.compile(r"^```python[^\n]*\n(.*?)^```\s*$", re.DOTALL | re.MULTILINE)


def python_blocks(text: str) -> list[str]:
    """Markdown -> its Python blocks, each padded with empty lines so that a traceback names the README's own line."""
    return ["\n" * text.count("\n", 0, found.start(1)) + found.group(1) for found in BLOCK.finditer(text)]


def run(text: str, name: str) -> dict[str, object]:
    namespace: dict[str, object] = {"__name__": "readme"}
    for block in python_blocks(text):
        exec(compile(block, name, "exec"), namespace)
    return namespace


def test_blocks_share_one_namespace_and_run_in_order() -> None:
    text = "# T\n```python\nx = 1\n```\n```sh\nnot python\n```\n```python\nx += 1\n```\n"
    assert run(text, "planted")["x"] == 2


def test_a_broken_block_is_reported_at_its_own_line() -> None:
    text = "# T\n\n```python\nfine = 1\n1 / 0\n```\n"
    with pytest.raises(ZeroDivisionError) as raised:
        run(text, "planted")
    assert [entry.lineno + 1 for entry in raised.traceback][-1] == 5


def test_readme_runs() -> None:
    text = README.read_text(encoding="utf-8")
    assert python_blocks(text), "README.md shows no Python block"
    run(text, str(README))


def imported(text: str) -> set[tuple[str, str]]:
    """Markdown -> the (module, name) pairs that its blocks import from this project."""
    trees = [ast.parse(block) for block in python_blocks(text)]
    found = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    pairs = {(node.module or "", alias.name) for node in found for alias in node.names}
    return {
        (module, name)
        for module, name in pairs
        if module.partition(".")[0] in {name.partition(".")[0] for name in PUBLIC}
    }


@pytest.mark.parametrize("module", PUBLIC)
def test_public_names_stay(module: str) -> None:
    found, promised = import_module(module), PUBLIC[module].split()
    assert [name for name in promised if not hasattr(found, name)] == []
    assert set(promised) <= set(getattr(found, "__all__", promised)), f"{module}.__all__ leaves out a public name"


def test_what_the_readme_imports_is_public() -> None:
    shown = imported(README.read_text(encoding="utf-8"))
    assert shown
    assert {(module, name) for module, name in shown if name not in PUBLIC.get(module, "").split()} == set()
