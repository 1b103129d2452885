"""Tables of the complexity page: one layer, the whole language model, what a budget buys; exact integers throughout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from figures import files as render
from ui import comparison, settings
from ui.cost_snippets import model_snippet

if TYPE_CHECKING:
    from learning.cost import Coefficients, Offer
    from projectors import Projector

PRECISION = {2: "bfloat16", 4: "float32", 8: "float64"}


def language_model(n: int, s: int, predicted: Coefficients) -> None:
    """Draw the sizes of a language model, what a token costs in a layer of it, and Table 9 at these sizes."""
    fields = {"lm_layers": "Layers", "lm_width": "Width C", "lm_vocabulary": "Vocabulary", "lm_context": "Context"}
    *places, last = st.columns(5)
    for place, (key, label) in zip(places, fields.items(), strict=True):
        place.number_input(label, 1, settings.LARGEST_MODEL[key], key=key)
    last.selectbox("Numbers stored as", settings.BYTES, key="lm_bytes", format_func=PRECISION.__getitem__)
    state, entries = st.session_state, comparison.contenders(n, s)
    st.markdown(
        f"**One token in one layer**, n = {n}: operations. At a realistic width, making the matrix is the small part: "
        "predicting its R numbers from the streams costs more."
    )
    _layer_table(entries, state["lm_width"], predicted)
    st.markdown(
        f"**The whole model**, n = {n}: parameters and memory. At 6 layers, width 384, vocabulary 50,304 and "
        "context 512 these are the paper's Table 9 (n = 4 and 8) to the last parameter."
    )
    layers, width, vocabulary, context = (state[key] for key in fields)
    _model_table(entries, (layers, width, vocabulary, context), state["lm_bytes"])


def _layer_table(entries: Mapping[str, Projector], width: int, predicted: Coefficients) -> None:
    """Draw what one token costs in one layer, a row for each method."""
    from learning.cost import layer_cost, residual_coefficients

    number = st.column_config.NumberColumn
    lines = []
    for name, projector in entries.items():
        cost = layer_cost(projector, width, predicted)
        lines.append(
            {
                "Method": name,
                "Numbers R": residual_coefficients(projector, predicted),
                "Predicting them": cost.maps,
                "Making the matrix": cost.projection,
                "Mixing the streams": cost.mixing,
                "All": cost.flops,
                "Making it, share": 100 * cost.projection / cost.flops,
                "Parameters": cost.parameters,
            }
        )
    plain = {key: number(format="localized") for key in list(lines[0])[1:]}
    st.dataframe(lines, hide_index=True, column_config=plain | {"Making it, share": number(format="%.1f %%")})


def _model_table(entries: Mapping[str, Projector], sizes: tuple[int, int, int, int], bytes_each: int) -> None:
    """Draw the language model's parameters and memory, a row for each method, and the CSV of it."""
    from learning.cost import language_model_table

    spent = language_model_table(entries, *sizes, "implemented")
    least = language_model_table(entries, *sizes, "minimal")
    lines = [
        {
            "Model": name,
            "R in the paper's code": row.coefficients,
            "Added": row.added,
            "All parameters": row.parameters,
            "R, fewest": least[name].coefficients,
            "All, with fewest": least[name].parameters,
            "Parameters, MB": row.parameter_bytes(bytes_each) / 1e6,
            "Streams of a token, kB": row.stream_bytes(bytes_each) / 1e3,
        }
        for name, row in spent.items()
    ]
    number = st.column_config.NumberColumn
    plain = {key: number(format="localized") for key in list(lines[0])[1:]}
    memory = {"Parameters, MB": number(format="%,.1f"), "Streams of a token, kB": number(format="%,.1f")}
    st.dataframe(lines, hide_index=True, column_config=plain | memory)
    header, cells = list(lines[0]), [tuple(line.values()) for line in lines]
    name = "language-model_" + "_".join(map(str, sizes)) + "_n" + str(next(iter(entries.values())).n)
    st.download_button("Table as CSV", render.table(header, cells), f"{name}.csv", on_click="ignore", key="model_csv")
    with st.expander("Python that makes the same table"):
        st.code(model_snippet(entries, sizes), language="python")


def offers_table(offers: list[Offer], times: Mapping[str, float]) -> None:
    """Draw what is within the budget, in the order given, with the seconds each takes where they were measured."""
    if not offers:
        st.markdown("Nothing is that cheap.")
        return
    number, share = st.column_config.NumberColumn, st.column_config.NumberColumn(format="%.1f %%")
    mapped = any(offer.certified is not None for offer in offers)
    lines = []
    for offer in offers:
        shares = {
            "Certified": None if offer.certified is None else 100 * offer.certified,
            "Touched": None if offer.touched is None else 100 * offer.touched,
        }
        prices: dict[str, float] = {"Numbers R": offer.coefficients, "Operations": offer.flops}
        prices |= {"Measured, µs": 1e6 * times[offer.name]} if times else {}
        lines.append({"Method": offer.name, **(shares if mapped else {}), **prices})
    whole = number(format="localized")
    config = {"Certified": share, "Touched": share, "Numbers R": whole, "Operations": whole}
    config["Measured, µs"] = number(format="%.3f")
    st.dataframe(lines, hide_index=True, column_config=config)
