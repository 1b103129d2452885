"""The paper's language model with every method: a transformer, the text it learns, and the training.

>>> from networks.language_model import Architecture, LanguageModel
>>> LanguageModel(Architecture("KromHC", n=4, coefficients="implemented"), vocabulary=50_304).parameter_count
30374964

`python -m networks.language_model --help` trains, samples, evaluates and compares.
"""

from __future__ import annotations

from networks.language_model.model import LanguageModel
from networks.language_model.settings import PRESETS, Architecture, Preset, Schedule

__all__ = ["PRESETS", "Architecture", "LanguageModel", "Preset", "Schedule"]
