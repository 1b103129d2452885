"""What a parameterization costs inside a hyper-connected network: parameters, operations, memory, time.

>>> from learning.cost import language_model_parameters
>>> from projectors import Orthostochastic
>>> language_model_parameters(Orthostochastic(n=4, s=2))
31481604
"""

from __future__ import annotations

from learning.cost.budget import Offer, affordable, candidates, shipped_shares
from learning.cost.language_model import ModelCost, language_model_parameters, language_model_table
from learning.cost.layer import Coefficients, LayerCost, layer_cost, residual_coefficients
from learning.cost.timing import Timing, measured

__all__ = [
    "Coefficients",
    "LayerCost",
    "ModelCost",
    "Offer",
    "Timing",
    "affordable",
    "candidates",
    "language_model_parameters",
    "language_model_table",
    "layer_cost",
    "measured",
    "residual_coefficients",
    "shipped_shares",
]
