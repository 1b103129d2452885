"""Many maps in one small file, read without trusting it: files get truncated, replaced by pointers, or worse.

Of every map the upper half is kept, as the lower one mirrors it: three masks, packed into bits, and residuals of cells
that were sought and not reached. Those are kept as -log10 in half precision, good to 2 per cent; of a reached cell the
residual is kept as the tolerance, since what it is below that is rounding, of which files would be full.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from geometry.reach.search.attempts import TOLERANCE

MOST_BYTES, MOST_UNPACKED = 3 * 2**20, 16 * 2**20
"""Of a file, and of everything in it unpacked: ten times what all maps take."""

MOST_MAPS = 4096
"""In one file."""

DAMAGED = (
    *(OSError, ValueError, KeyError, EOFError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
)
"""What `read` raises for a file that is missing or not what it should be."""

MASKS = ("sought", "reached", "touched")


@dataclass(frozen=True, eq=False)
class Cells:
    """What is kept of a map: reached, touched and residual, each (bins, bins), as `ReachMap` has them."""

    reached: NDArray[np.bool_]
    touched: NDArray[np.bool_]
    residual: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Atlas:
    """What a file holds: names of maps with their rows, masks (k, bytes) of each, digits of all, where each's end."""

    bins: int
    rows: Mapping[str, int]
    masks: Mapping[str, NDArray[np.uint8]]
    digits: NDArray[np.float16]
    ends: NDArray[np.int64]

    def cells(self, name: str) -> Cells | None:
        """The map of this name, if there is one."""
        row = self.rows.get(name)
        if row is None:
            return None
        shape = (self.bins // 2 + 1, self.bins)
        sought, reached, touched = (_unpacked(self.masks[mask][row], shape) for mask in MASKS)
        residual = np.where(reached, TOLERANCE, np.nan)
        begin = self.ends[row - 1] if row else 0
        residual[sought & ~reached] = np.power(10.0, -self.digits[begin : self.ends[row]].astype(np.float64))
        return Cells(*(np.concatenate([part[:0:-1], part]) for part in (reached, touched, residual)))


def write(path: Path, seed: int, maps: Mapping[str, Cells]) -> None:
    """Write maps of one grid by their names, and the seed that they were made with."""
    halves = {name: _upper(cells) for name, cells in maps.items()}
    masks: dict[str, list[NDArray[np.uint8]]] = {mask: [] for mask in MASKS}
    digits = []
    for half in halves.values():
        sought = ~np.isnan(half.residual)
        for mask, part in zip(MASKS, (sought, half.reached, half.touched), strict=True):
            masks[mask].append(np.packbits(part))
        digits.append(_digits(half.residual[sought & ~half.reached]))
    arrays: dict[str, Any] = {
        "names": np.frombuffer("\n".join(halves).encode(), np.uint8),
        "seed": np.array([seed]),
        "bins": np.array([next(iter(halves.values())).residual.shape[1]]),
        "ends": np.cumsum([len(part) for part in digits]),
        "digits": np.concatenate(digits),
    }
    arrays |= {mask: np.stack(parts) for mask, parts in masks.items()}
    np.savez_compressed(path, **arrays)


def read(path: Path, seed: int, bins: int) -> Atlas:
    """File -> the maps in it, or one of DAMAGED if it holds no sound maps of this seed and resolution."""
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"it has {path.stat().st_size:,} bytes, and an atlas at most {MOST_BYTES:,}")
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MOST_UNPACKED:
            raise ValueError(f"it unpacks to {unpacked:,} bytes, and an atlas to at most {MOST_UNPACKED:,}")
        for name, wanted in (("seed", seed), ("bins", bins)):
            if _array(archive, name, np.int64, 1)[0] != wanted:
                raise ValueError(f"its {name} is not {wanted}")
        names = _array(archive, "names", np.uint8, 1).tobytes().decode().split("\n")
        if len(names) > MOST_MAPS or len(set(names)) < len(names):
            raise ValueError("its names are too many, or not different")
        ends, digits = _array(archive, "ends", np.int64, 1), _array(archive, "digits", np.float16, 1)
        masks = {mask: _array(archive, mask, np.uint8, 2) for mask in MASKS}
    _check(masks, digits, ends, (len(names), ((bins // 2 + 1) * bins + 7) // 8))
    return Atlas(bins, {name: row for row, name in enumerate(names)}, masks, digits, ends)


def _upper(cells: Cells) -> Cells:
    """All cells -> those above the real axis and on it. Raises ValueError unless they tell one story."""
    for name, part in (("reached", cells.reached), ("touched", cells.touched), ("residual", cells.residual)):
        if not np.array_equal(part, part[::-1], equal_nan=part.dtype.kind == "f"):
            raise ValueError(f"{name} cells are not symmetric under conjugation")
    if (cells.reached & ~cells.touched).any() or not np.array_equal(cells.reached, cells.residual <= TOLERANCE):
        raise ValueError("cells are reached and not touched, or do not agree with their residuals")
    middle = len(cells.reached) // 2
    return Cells(cells.reached[middle:], cells.touched[middle:], cells.residual[middle:])


def _digits(residual: NDArray[np.float64]) -> NDArray[np.float16]:
    """Residuals beyond the tolerance -> -log10 of them, on the same side of it; inf stays what it is."""
    below = np.nextafter(np.float16(-np.log10(TOLERANCE)), np.float16(0))
    return np.minimum((-np.log10(residual)).astype(np.float16), below)


def _unpacked(bits: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.bool_]:
    return np.unpackbits(bits, count=shape[0] * shape[1]).astype(bool).reshape(shape)


def _array(archive: zipfile.ZipFile, name: str, dtype: Any, dimensions: int) -> NDArray[Any]:
    """The array of this name, once its header has said that it is of this dtype and no larger than its file."""
    with archive.open(f"{name}.npy") as member:
        shape, fortran, found = _header(member)
        if len(shape) != dimensions or fortran or found != np.dtype(dtype):
            raise ValueError(f"its {name} are not {np.dtype(dtype)} of {dimensions} dimensions")
        content = np.frombuffer(member.read(), dtype)
    array = content.reshape(shape)  # which says so if there are more or fewer
    array.setflags(write=False)
    return array


def _header(member: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    if np.lib.format.read_magic(member) != (1, 0):
        raise ValueError("its arrays are of a version that is not 1.0")
    try:
        return np.lib.format.read_array_header_1_0(member)
    except Exception as error:  # whatever Python's own parser says of what is no Python
        raise ValueError("the header of an array cannot be read") from error


def _check(
    masks: Mapping[str, NDArray[np.uint8]], digits: NDArray[np.float16], ends: NDArray[np.int64], shape: tuple[int, int]
) -> None:
    """Raise ValueError unless the arrays tell one story, for every map."""
    if any(mask.shape != shape for mask in masks.values()) or ends.shape != shape[:1]:
        raise ValueError("its masks are not of one map each")
    if (masks["reached"] & ~(masks["touched"] & masks["sought"])).any():
        raise ValueError("cells are reached and not sought, or not touched")
    missed = np.unpackbits(masks["sought"] & ~masks["reached"], axis=1).sum(1, dtype=np.int64)
    if not np.array_equal(np.cumsum(missed), ends) or ends[-1] != len(digits):
        raise ValueError("residuals are missing")
    if np.isnan(digits).any() or (digits >= -np.log10(TOLERANCE)).any():
        raise ValueError("residuals and reached cells do not agree")
