"""The cells of a map as a small file, read without trusting it: files get truncated, replaced by pointers, or worse.

Masks are packed into bits. Residuals are kept as -log10 in half precision: good to 2 per cent from 1e-17 to 1, where
half precision itself would turn everything certified into 0.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from geometry.reach.search.attempts import TOLERANCE

MOST_BYTES = 2**16
"""Of a file, and of everything in it unpacked: ten times what a map of 101 x 101 cells takes."""

ROUNDING = 1e-17
"""What a residual of 0 is kept as: no eigenvalue is known any better."""

DAMAGED = (
    *(OSError, ValueError, KeyError, EOFError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
)
"""What `read` raises for a file that is missing or not what it should be."""


@dataclass(frozen=True, eq=False)
class Cells:
    """What is kept of a map: reached, touched and residual, each (bins, bins), as `ReachMap` has them."""

    reached: NDArray[np.bool_]
    touched: NDArray[np.bool_]
    residual: NDArray[np.float64]


def write(path: Path, name: str, seed: int, cells: Cells) -> None:
    """Write the cells, and the name and seed of what they are of."""
    np.savez_compressed(
        path,
        name=np.frombuffer(name.encode(), np.uint8),
        seed=np.array([seed]),
        reached=np.packbits(cells.reached),
        touched=np.packbits(cells.touched),
        digits=_digits(cells.residual),
    )


def read(path: Path, name: str, seed: int, sought: NDArray[np.bool_]) -> Cells:
    """File, sought (bins, bins) -> its cells, or one of DAMAGED if it is not a sound map of this name, seed and shape.

    sought are cells whose residual must be known.
    """
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"it has {path.stat().st_size:,} bytes, and a map at most {MOST_BYTES:,}")
    shape, bits = sought.shape, (sought.size + 7) // 8
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MOST_BYTES:
            raise ValueError(f"it unpacks to {unpacked:,} bytes, and a map to at most {MOST_BYTES:,}")
        if _array(archive, "name", np.uint8, (len(name.encode()),)).tobytes() != name.encode():
            raise ValueError(f"it is not the map of {name}")
        if _array(archive, "seed", np.int64, (1,))[0] != seed:
            raise ValueError(f"it was not made with seed {seed}")
        packed = (_array(archive, mask, np.uint8, (bits,)) for mask in ("reached", "touched"))
        reached, touched = (np.unpackbits(each, count=sought.size).astype(bool).reshape(shape) for each in packed)
        digits = _array(archive, "digits", np.float16, shape)
    residual = _residuals(digits)
    _check(reached, touched, residual)
    if np.isnan(residual[sought]).any():
        raise ValueError("residuals are missing")
    return Cells(reached, touched, residual)


def _digits(residual: NDArray[np.float64]) -> NDArray[np.float16]:
    """Residuals -> -log10 of them, on the same side of the tolerance; nan and inf stay what they are."""
    digits = (-np.log10(residual.clip(ROUNDING))).astype(np.float16)
    limit = np.float16(-np.log10(TOLERANCE))
    below = np.nextafter(limit, np.float16(0))
    return np.where(residual <= TOLERANCE, np.maximum(digits, limit), np.minimum(digits, below))


def _residuals(digits: NDArray[np.float16]) -> NDArray[np.float64]:
    return np.power(10.0, -digits.astype(np.float64))


def _array(archive: zipfile.ZipFile, name: str, dtype: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    """The array of this name, once its header has said that it is of this dtype and shape."""
    with archive.open(f"{name}.npy") as member:
        if _header(member) != (shape, False, np.dtype(dtype)):
            raise ValueError(f"its {name} are not {np.dtype(dtype)} of shape {shape}")
        return np.frombuffer(member.read(), dtype).reshape(shape)


def _header(member: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    if np.lib.format.read_magic(member) != (1, 0):
        raise ValueError("its arrays are of a version that is not 1.0")
    try:
        return np.lib.format.read_array_header_1_0(member)
    except Exception as error:  # whatever Python's own parser says of what is no Python
        raise ValueError("the header of an array cannot be read") from error


def _check(reached: NDArray[np.bool_], touched: NDArray[np.bool_], residual: NDArray[np.float64]) -> None:
    """Raise ValueError unless the three tell one story."""
    for name, part in (("reached", reached), ("touched", touched), ("residual", residual)):
        if not np.array_equal(part, part[::-1], equal_nan=part.dtype.kind == "f"):
            raise ValueError(f"its {name} cells are not symmetric under conjugation")
    if (reached & ~touched).any():
        raise ValueError("cells are reached and not touched")
    if not np.array_equal(reached, residual <= TOLERANCE):
        raise ValueError("residuals and reached cells do not agree")
    if (residual <= 0).any():
        raise ValueError("residuals are not positive")
