"""Mixing matrices of others: read from checkpoints and tables, measured, and held against every parameterization.

>>> import inspector
>>> sites = inspector.open({"h.0.attn.H_res_logits": [[0.0, -1.0], [-1.0, 0.0]]}, temperature=1.0)
>>> sites[0].layout, sites[0].last
('tokenbender', 'rows')
"""

from __future__ import annotations

from inspector.conventions import TABLE as LAYOUTS
from inspector.conversion import Converted, convert
from inspector.depth import Depth, depth, stacks
from inspector.examples import EXAMPLES, example
from inspector.measures import Measures, measures
from inspector.opening import open, parse
from inspector.recording import Recording, record
from inspector.settings import Settings
from inspector.site import Collection, Site

__all__ = [
    "EXAMPLES",
    "LAYOUTS",
    "Collection",
    "Converted",
    "Depth",
    "Measures",
    "Recording",
    "Settings",
    "Site",
    "convert",
    "depth",
    "example",
    "measures",
    "open",
    "parse",
    "record",
    "stacks",
]
