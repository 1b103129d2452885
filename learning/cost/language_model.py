"""The paper's language model at any size: how many parameters it has, and how much memory its streams take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from learning.cost.layer import Coefficients, layer_cost, residual_coefficients
from projectors import Projector
from projectors.checks import whole_number

SITES = 2
"""Hyper-connections in a layer of a transformer: around its attention and around its MLP."""

LARGEST = 10**9


@dataclass(frozen=True)
class ModelCost:
    """What a language model of n streams costs: R coefficients for a matrix, parameters `added` to a total.

    `values_per_token` are the numbers that all sites' streams hold for one token until the backward pass is done. With
    one stream (n = 1, R = 0) it is the model without hyper-connections.
    """

    n: int
    coefficients: int
    added: int
    parameters: int
    values_per_token: int

    def parameter_bytes(self, bytes_each: int = 4) -> int:
        """Bytes per number (4 for float32, 2 for bfloat16) -> bytes of the parameters alone, without an optimizer."""
        return self.parameters * whole_number(bytes_each, "the bytes of a number", 1)

    def stream_bytes(self, bytes_each: int = 4) -> int:
        """Bytes per number -> bytes of the streams for every token in training: the states between sites, no more."""
        return self.values_per_token * whole_number(bytes_each, "the bytes of a number", 1)


def language_model_parameters(
    projector: Projector | None,
    layers: int = 6,
    width: int = 384,
    vocabulary: int = 50304,
    context: int = 512,
    coefficients: Coefficients = "implemented",
) -> int:
    """projector, or None for plain residual connections -> parameters of the paper's language model (G.4, Table 9).

    nanoGPT without biases, its token embedding tied to the output: vocabulary C + context C, in each layer 2C of norms,
    4 C^2 of attention and 8 C^2 of the MLP, and C of the last norm; and `layer_cost` twice in each layer. The number of
    heads does not matter. Defaults are the paper's model. Raises ValueError for sizes below 1 or above 10^9.

    >>> language_model_parameters(None)
    30135168
    """
    return _model_cost(projector, layers, width, vocabulary, context, coefficients).parameters


def language_model_table(
    entries: Mapping[str, Projector],
    layers: int = 6,
    width: int = 384,
    vocabulary: int = 50304,
    context: int = 512,
    coefficients: Coefficients = "implemented",
) -> dict[str, ModelCost]:
    """Projectors by name -> what the language model costs with each, below "Residual baseline": Table 9 at any size.

    Arguments and errors are those of `language_model_parameters`.
    """
    rows: dict[str, Projector | None] = {"Residual baseline": None, **entries}
    sizes = (layers, width, vocabulary, context, coefficients)
    return {name: _model_cost(projector, *sizes) for name, projector in rows.items()}


def _model_cost(
    projector: Projector | None, layers: int, width: int, vocabulary: int, context: int, coefficients: Coefficients
) -> ModelCost:
    sizes = {"layers": layers, "width": width, "vocabulary": vocabulary, "context": context}
    for name, size in sizes.items():
        whole_number(size, f"the model's {name}", 1, LARGEST)
    base = (vocabulary + context) * width + layers * (2 * width + 12 * width**2) + width
    sites = SITES * layers
    if projector is None:
        return ModelCost(1, 0, 0, base, (sites + 1) * width)
    added = sites * layer_cost(projector, width, coefficients).parameters
    n, R = projector.n, residual_coefficients(projector, coefficients)
    return ModelCost(n, R, added, base + added, (sites + 1) * n * width)
