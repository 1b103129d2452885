"""Text that can be read on a coloured ground: contrast as the Web Content Accessibility Guidelines define it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def rgb(colour: str) -> NDArray[np.float64]:
    """Colour as "#RRGGBB" -> red, green, blue (3,), from 0 to 1."""
    return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255


def between(scale: Sequence[str], shares: ArrayLike) -> NDArray[np.float64]:
    """Colours at equal steps, shares (...) of the way from 0 to 1 -> red, green, blue (..., 3), mixed as by plotly."""
    steps = np.linspace(0, 1, len(scale))
    channels = np.array([rgb(colour) for colour in scale])
    return np.stack([np.interp(np.asarray(shares, np.float64), steps, channel) for channel in channels.T], -1)


def linear(colours: ArrayLike) -> NDArray[np.float64]:
    """Red, green, blue (..., 3) as sRGB encodes them, from 0 to 1 -> the amounts of light (..., 3), from 0 to 1."""
    colours = np.asarray(colours)
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def luminance(colours: ArrayLike) -> NDArray[np.float64]:
    """Red, green, blue (..., 3), from 0 to 1 -> relative luminance (...), from 0 of black to 1 of white."""
    return np.asarray(linear(colours) @ [0.2126, 0.7152, 0.0722])


def contrast(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """Luminances (...) twice -> their contrast, from 1 to 21."""
    low, high = np.sort(np.broadcast_arrays(first, second), 0)
    return np.asarray((high + 0.05) / (low + 0.05))


def readable(grounds: ArrayLike) -> NDArray[np.str_]:
    """Red, green, blue of grounds (..., 3) -> "#000000" or "#FFFFFF", whichever is easier to read there.

    Its contrast is at least sqrt(21) = 4.58, above the 4.5 that the guidelines want.
    """
    light = luminance(grounds)
    return np.where(contrast(light, 0.0) >= contrast(light, 1.0), "#000000", "#FFFFFF")
