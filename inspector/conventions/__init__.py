"""How projects store the parameters of their mixing matrices, one file for each, behind one table."""

from __future__ import annotations

from inspector.conventions import (
    deepseek,
    hyper_connections,
    liger,
    maxtext,
    megatron,
    no_mixing,
    ours,
    research,
    tokenbender,
    unconstrained,
)
from inspector.conventions.layout import Layout

TABLE: tuple[Layout, ...] = (
    deepseek.DEEPSEEK,
    megatron.MEGATRON,
    liger.LIGER,
    maxtext.MAXTEXT,
    tokenbender.TOKENBENDER,
    hyper_connections.HYPER_CONNECTIONS,
    research.MHC,
    research.MHC_LITE,
    research.KROMHC,
    unconstrained.UNCONSTRAINED,
    no_mixing.HY4,
    no_mixing.QWEN4,
    ours.OURS,
)
"""Tried in this order; each claims the names of its own sites, and what one has claimed is no other's."""
