"""Lines of Python for a reader: what they use of the library is imported above them."""

from __future__ import annotations

import ast
import builtins

HOMES = {
    "geometry.coverage": "coverage",
    "geometry.distances": "divergence facet_distance geodesic_angle nearest",
    "geometry.grid": "Window density",
    "geometry.proofs.shipped": "proved_area shipped_proof",
    "geometry.reach": "path reach_map solve",
    "geometry.reach.shipped": "load",
    "geometry.regions": "hypocycloid karpelevich orthostochastic_order3 perfect_mirsky perfect_mirsky_exception",
    "geometry.sampling": "sample",
    "geometry.slices": "CyclicPlane CyclicSpace DiagonalSpace KleinSpace OddPlane Order3Space PermutationView outline "
    "projection slice_map space_sample space_slice",
    "geometry.spectra": "eigenvalues",
    "geometry.survey": "survey",
    "learning.choosing": "Budget choice",
    "learning.cost": "affordable candidates language_model_table layer_cost measured residual_coefficients "
    "shipped_shares",
    "learning.depth": "amax_gains decoupling repeated",
    "learning.stream_mixing": "StreamMixing trained",
    "learning.vanishing": "gradient_norms",
    "networks.judging.agreement": "between within",
    "networks.judging.scores": "from_csv table",
    "networks.language_model": "Architecture Schedule",
    "networks.language_model.history": "history lines",
    "networks.language_model.runs": "told",
    "networks.language_model.shipped": "shipped",
    "networks.language_model.text": "in_memory plays",
    "networks.language_model.training": "Training",
    "sweeps": "Store atlas",
    "projectors": "Kronecker Mixture Orthostochastic PermutationMixture Sinkhorn Unistochastic methods newer ranked "
    "variants",
}
"""What snippets may use of the library, by the module that it is imported from."""

MODULES = {"inspector": "import inspector", "np": "import numpy as np", "os": "import os", "torch": "import torch"}


def python(body: str) -> str:
    """Lines of Python -> the same with their imports and with one thread for torch, as in the app.

    The order of sums depends on the number of threads, and small operations are the slower for more of them.
    """
    names = _free(body) | {"torch"}
    lines = [line for name, line in MODULES.items() if name in names]
    lines += [""]
    for module, offered in HOMES.items():
        if used := sorted(names & set(offered.split())):
            lines.append(f"from {module} import {', '.join(used)}")
            names -= set(used)
    for name in sorted(names - set(MODULES)):
        lines.append(f"from {_home(name)} import {name}")
    return "\n".join([*lines, "", "torch.set_num_threads(1)", body.strip(), ""])


def _home(name: str) -> str:
    """Name of a projector that `projectors` does not offer itself -> the module that it is in; else ValueError."""
    from projectors import Projector

    waiting: list[type] = [Projector]
    for kind in waiting:
        if kind.__name__ == name:
            return kind.__module__
        waiting += kind.__subclasses__()
    raise ValueError(f"no module is known for {name}")


def _free(body: str) -> set[str]:
    """Lines of Python -> the names that they use and do not make themselves."""
    names = [node for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)]
    made = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    arguments = {node.arg for node in ast.walk(ast.parse(body)) if isinstance(node, ast.arg)}
    return {node.id for node in names} - made - arguments - set(dir(builtins))
