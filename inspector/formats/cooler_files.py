"""Contact maps in .cool files, as cooler writes them [Cooler2020].

What is made of them is the corner of the map, its first bins, scaled to sums of 1 by Sinkhorn, whatever weights are
stored; bins without contacts are left out. Needs h5py, an optional dependency.
"""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np
import torch
from numpy.typing import NDArray

from inspector.formats import archives
from inspector.formats.stored import Stored, Tensors

KIND = "a contact map"
BINS = 32
"""Bins of the corner."""

MOST_PIXELS = 5_000_000
ROUNDS = 2000
"""Of balancing: far more than a map needs to double precision, and a few milliseconds."""

BALANCED = 1e-6
"""Error of sums up to which a map counts as scaled to 1."""


def read(file: BinaryIO) -> Tensors:
    """An open .cool file -> the doubly stochastic corner of its map, "corner"."""
    try:
        import h5py
    except ImportError:
        raise ValueError(f"{KIND} in HDF5 needs h5py: pip install h5py") from None
    try:
        with h5py.File(file, "r") as stored:
            rows, columns, counts = (_first_pixels(stored, name) for name in ("bin1_id", "bin2_id", "count"))
        if not len(rows) == len(columns) == len(counts):
            raise ValueError(f"they are of {len(rows):,}, {len(columns):,} and {len(counts):,} pixels")
    except archives.DAMAGED as error:
        raise ValueError(
            f"{KIND} must hold pixels/bin1_id, bin2_id and count; this HDF5 file does not: {error}"
        ) from None
    return Tensors({"corner": Stored.of(torch.from_numpy(_corner(rows, columns, counts)))}, KIND, loose=True)


def _first_pixels(stored: Any, name: str) -> NDArray[Any]:
    """Pixels are sorted by their first bin: the corner lies among the first ones. ValueError for no numbers from 0."""
    held = stored["pixels"][name]
    if len(held.shape) != 1 or held.dtype.kind not in ("iuf" if name == "count" else "iu"):
        raise ValueError(f"{name} is {held.dtype} of shape {held.shape}")
    found = np.asarray(held[:MOST_PIXELS])
    wrong = found[~(np.isfinite(found) & (found >= 0))]
    if len(wrong):
        raise ValueError(f"{name} holds {wrong[0]}")
    return found


def _corner(rows: NDArray[Any], columns: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.float64]:
    """Upper triangle of counts -> the first bins that touch each other, scaled to rows and columns of 1."""
    near = (rows < 4 * BINS) & (columns < 4 * BINS)
    full = np.zeros((4 * BINS, 4 * BINS))
    full[rows[near], columns[near]] = counts[near]
    full = np.maximum(full, full.T)
    full = full[np.ix_(*[np.flatnonzero(full.sum(0))[:BINS]] * 2)]
    if len(full) < 2 or not (full.sum(0) > 0).all():
        raise ValueError(f"{KIND} must have contacts among its first bins; this one has not")
    scaled = balanced(full)
    sums = scaled.sum(0)
    if not np.allclose(sums, 1, rtol=0, atol=BALANCED):
        raise ValueError(
            f"{KIND} must have contacts enough among its first {len(full)} bins to be scaled to sums of 1; with the "
            f"zeros of this one, sums from {sums.min():.4g} to {sums.max():.4g} are left"
        )
    return scaled


def balanced(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Symmetric counts (n, n) without an empty row -> the same scaled to rows and columns of 1, still symmetric."""
    scale = np.ones(len(counts))
    for _ in range(ROUNDS):
        scale = np.sqrt(scale / (counts @ scale))
    return np.asarray(scale[:, None] * counts * scale)
