"""What a token costs in one layer of a language model, and the whole model; exact integers throughout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from ui.link import settings
from ui.methods import contenders, ranks
from ui.tables import draw_table
from ui.take import Taken, row

if TYPE_CHECKING:
    from learning.cost import Coefficients
    from projectors import Projector

PRECISION = {2: "bfloat16", 4: "float32", 8: "float64"}
FIELDS = {"lm_layers": "Layers", "lm_width": "Width C", "lm_vocabulary": "Vocabulary", "lm_context": "Context"}
Sizes = tuple[int, int, int, int]
"""Layers, width, vocabulary, context."""


def choose() -> tuple[Sizes, int]:
    """Draw the sizes of the model -> them, and the bytes of a number."""
    *places, last = st.columns(5)
    layers, width, vocabulary, context = (
        int(place.number_input(label, 1, settings.LARGEST_MODEL[key], key=key))
        for place, (key, label) in zip(places, FIELDS.items(), strict=True)
    )
    bytes_each = last.selectbox("Numbers stored as", settings.BYTES, key="lm_bytes", format_func=PRECISION.__getitem__)
    return (layers, width, vocabulary, context), int(bytes_each)


def show(n: int, s: int, predicted: Coefficients) -> None:
    """Draw the sizes of a language model, what a token costs in a layer of it, and Table 9 at these sizes."""
    sizes, bytes_each = choose()
    entries = contenders(n, s)
    st.markdown(
        f"**One token in one layer**, n = {n}: operations. At a realistic width, making the matrix is the small part: "
        "predicting its R numbers from the streams costs more."
    )
    _layer_table(entries, n, s, sizes[1], predicted)
    st.markdown(
        f"**The whole model**, n = {n}: parameters and memory. At 6 layers, width 384, vocabulary 50,304 and "
        "context 512 these are the paper's Table 9 (n = 4 and 8) to the last parameter."
    )
    columns = table(entries, sizes, bytes_each)
    number = st.column_config.NumberColumn
    plain = {key: number(format="localized") for key in list(columns)[1:]}
    memory = {"Parameters, MB": number(format="%,.1f"), "Streams of a token, kB": number(format="%,.1f")}
    draw_table(columns, column_config=plain | memory)
    row(take(n, s, sizes, bytes_each, columns))


def table(entries: Mapping[str, Projector], sizes: Sizes, bytes_each: int) -> dict[str, list[object]]:
    """Projectors by name -> the language model's parameters and memory with each, column by column."""
    from learning.cost import language_model_table

    spent = language_model_table(entries, *sizes, "implemented")
    least = language_model_table(entries, *sizes, "minimal")
    return {
        "Model": [*spent],
        "R in the paper's code": [each.coefficients for each in spent.values()],
        "Added": [each.added for each in spent.values()],
        "All parameters": [each.parameters for each in spent.values()],
        "R, fewest": [each.coefficients for each in least.values()],
        "All, with fewest": [each.parameters for each in least.values()],
        "Parameters, MB": [each.parameter_bytes(bytes_each) / 1e6 for each in spent.values()],
        "Streams of a token, kB": [each.stream_bytes(bytes_each) / 1e3 for each in spent.values()],
    }


def take(n: int, s: int, sizes: Sizes, bytes_each: int, columns: Mapping[str, list[object]]) -> Taken:
    """The table."""
    layers, width, vocabulary, context = sizes
    return Taken(
        name="language-model",
        title=f"A language model with n = {n} streams",
        arrays=columns,
        columns=lambda: columns,
        recipe={
            "n": n,
            "s": s,
            "layers": layers,
            "width": width,
            "vocabulary": vocabulary,
            "context": context,
            "bytes": bytes_each,
        },
        code=f"""
entries, sizes = ranked({n}, {ranks(s)}), {sizes}  # layers, width, vocabulary, context
spent = language_model_table(entries, *sizes, "implemented")
least = language_model_table(entries, *sizes, "minimal")
arrays = {{
    "Model": list(spent),
    "R in the paper's code": [each.coefficients for each in spent.values()],
    "Added": [each.added for each in spent.values()],
    "All parameters": [each.parameters for each in spent.values()],
    "R, fewest": [each.coefficients for each in least.values()],
    "All, with fewest": [each.parameters for each in least.values()],
    "Parameters, MB": [each.parameter_bytes({bytes_each}) / 1e6 for each in spent.values()],
    "Streams of a token, kB": [each.stream_bytes({bytes_each}) / 1e3 for each in spent.values()],
}}
""",
    )


def _layer_table(entries: Mapping[str, Projector], n: int, s: int, width: int, predicted: Coefficients) -> None:
    """Draw what one token costs in one layer, a row for each method, and offer it."""
    from learning.cost import layer_cost, residual_coefficients

    costs = {name: layer_cost(projector, width, predicted) for name, projector in entries.items()}
    columns: dict[str, list[object]] = {
        "Method": [*costs],
        "Numbers R": [residual_coefficients(projector, predicted) for projector in entries.values()],
        "Predicting them": [cost.maps for cost in costs.values()],
        "Making the matrix": [cost.projection for cost in costs.values()],
        "Mixing the streams": [cost.mixing for cost in costs.values()],
        "All": [cost.flops for cost in costs.values()],
        "Making it, share": [100 * cost.projection / cost.flops for cost in costs.values()],
        "Parameters": [cost.parameters for cost in costs.values()],
    }
    number = st.column_config.NumberColumn
    plain = {key: number(format="localized") for key in list(columns)[1:]}
    draw_table(columns, column_config=plain | {"Making it, share": number(format="%.1f %%")})
    row(
        Taken(
            name="layer-cost",
            title=f"One token in one layer, n = {n}",
            arrays=columns,
            columns=lambda: columns,
            recipe={"n": n, "s": s, "width": width, "predicted": predicted},
            code=f"""
entries = ranked({n}, {ranks(s)})
costs = {{name: layer_cost(projector, {width}, {predicted!r}) for name, projector in entries.items()}}
arrays = {{
    "Method": list(costs),
    "Numbers R": [residual_coefficients(projector, {predicted!r}) for projector in entries.values()],
    "Predicting them": [cost.maps for cost in costs.values()],
    "Making the matrix": [cost.projection for cost in costs.values()],
    "Mixing the streams": [cost.mixing for cost in costs.values()],
    "All": [cost.flops for cost in costs.values()],
    "Making it, share": [100 * cost.projection / cost.flops for cost in costs.values()],
    "Parameters": [cost.parameters for cost in costs.values()],
}}
""",
        )
    )
