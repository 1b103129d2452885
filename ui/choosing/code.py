"""What to paste, in three forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from projectors import Projector


def show(projector: Projector, width: int) -> None:
    """Draw the programs for a projector, one behind each tab; what does not fit says why."""
    from learning.choosing import layer_code, parametrization_code, plug_code

    layer, weight, plug = st.tabs(["A layer", "A weight of yours", "In hyper-connections"])
    layer.markdown("A network of hyper-connections, from `pip install .` in a checkout of this project.")
    layer.code(layer_code(projector, width), language="python")
    weight.markdown("Any square parameter, by torch's own parametrizations.")
    weight.code(parametrization_code(projector), language="python")
    if (text := plug_code(projector)) is None:
        plug.markdown(
            f"The package hyper-connections predicts {projector.n**2} logits for a matrix, and this map takes "
            f"{projector.parameter_count:,} numbers: it does not fit. Take the layer."
        )
    else:
        plug.markdown("One argument of the package hyper-connections 0.4.11.")
        plug.code(text, language="python")
