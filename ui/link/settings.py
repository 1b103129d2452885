"""Every setting of every page: its name in the link, its default, and the bounds that a hostile link cannot pass."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

from inspector.examples import EXAMPLES
from projectors import table
from ui.link.parsers import Value, number, one_of, short, whole

SAME_BUDGET = "same budget"
"""The averaged orthostochastic variant with as many terms as the chosen method's parameters pay for."""

LARGEST_SLID, LARGEST_TYPED, LARGEST_RANK = 16, 64, 8

MEASURES = ("edges", "initial", "target")
SWEEPS = ("no", "s", "n")
SHOWN = ("density", "certified reach", "both")
ASPECTS = ("plane", "space", "real or complex")
LAYERS = ("projection", "certified slice", "both")
LARGEST_CHOSEN = 8
"""Largest n of permutations that are typed in, a digit each."""
LINES = {"perfect_mirsky": "PMₙ", "karpelevich": "Θₙ", "hypocycloid": "Hₙ or exact", "proved": "proved"}
AUTO = "auto"
"""As many matrices as make a picture in a second or two."""

MATRICES = (AUTO, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
LENGTHS = ("full", "third", "tenth")
MIX_TARGETS = ("sinkhorn", "orthostochastic", "unistochastic", "permutations", "edge", "vertex")
MIX_OBJECTIVES = ("features", "matrix", "read-out", "learned read-out", "eigenvalue")
MIX_OPTIMIZERS = ("adam", "sgd")
MIX_ITERATIONS = (100, 300, 1_000, 3_000, 10_000, 40_000)
MIX_COUNT, MIX_SAMPLES = 256, 10_000
GAP_ITERATIONS = (300, 1_000, 3_000, 10_000)
POINTS = (500, 1_000, 3_000, 5_000)
MATRICES_EACH = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000)
PREDICTED = ("minimal", "implemented")
PREFERENCES = ("reach", "learning", "numbers")
DTYPES = ("float32", "float64", "bfloat16", "float16")
LARGEST_MODEL = {"lm_layers": 1_000, "lm_width": 100_000, "lm_vocabulary": 10_000_000, "lm_context": 10_000_000}
BYTES = (2, 4, 8)
MODELS = ("finished", "train", "run", "judges")
"""What is looked at of language models."""

PLAIN_METHODS = ("residual", "HC")
"""The methods of a language model that no projector stands for."""

TOLD = (
    "loss",
    "difference",
    "training loss",
    "gradient",
    "jitter",
    "error of sums",
    "distance from I",
    "rotation",
    "gradient of mixing",
)
"""What is drawn of a language model while it trains."""

LM_STREAMS = (4, 8)
"""Streams of the language models that come along."""

LM_ITERATIONS = (50, 100, 200, 400, 800)
OWN = ("example", "files", "text", "folder")
"""Where a reader's own matrices come from."""

MOST_OWN_ITERATIONS = 10_000
LARGEST_BUDGET = 10**9
SMALLEST_WINDOW, WHOLE_PLANE = 5e-4, 1.05
"""Half the side of the smallest part of the plane that is looked at, cells of 1e-5, and of all of it."""


def method_names() -> list[str]:
    """Return the names of all methods, in the order of the library's table."""
    return [method.name for method in table.METHODS]


def trained_names() -> list[str]:
    """Return the names of what a language model may be trained with."""
    return [*PLAIN_METHODS, *method_names()]


def rivals() -> list[str]:
    """Return the names of what a method may be compared with: every method, go-mHC at every rank, the same budget."""
    return [SAME_BUDGET, *method_names(), *(f"go-mHC, s = {s}" for s in range(1, LARGEST_RANK + 1))]


def layouts() -> list[str]:
    """Return the names of conventions that checkpoints are read under, "" for whichever it is."""
    from inspector.conventions import TABLE

    return ["", *(layout.name for layout in TABLE)]


def factors(text: str) -> str:
    """Text such as 2x2x3 -> itself, if it can be factors."""
    if len(text) > 16 or not all(len(part) == 1 and part in "2345678" for part in text.split("x")):
        raise ValueError("factors must look like 2x2x3, each from 2 to 8")
    return text


def coordinates(text: str) -> list[float]:
    """Numbers joined by ~ -> them, none for an empty text."""
    return [float(part) for part in text.split("~")] if text else []


def window(text: str) -> str:
    """Centre and half the side of a window, joined by ~ -> themselves, within bounds."""
    wanted = f"a window must be re~im~half, as 0.3~0.4~0.05, with half from {SMALLEST_WINDOW:g} to {WHOLE_PLANE:g}"
    re, im, half = _bounded(text, 3, wanted)
    if not SMALLEST_WINDOW <= half <= WHOLE_PLANE or max(abs(re), abs(im)) > 1:
        raise ValueError(wanted)
    return text


def point(text: str) -> str:
    """A point of the plane as re~im -> itself, within bounds."""
    wanted = "a point must be re~im, as 0.3~0.4, both from -1.1 to 1.1"
    if max(map(abs, _bounded(text, 2, wanted))) > 1.1:
        raise ValueError(wanted)
    return text


def _bounded(text: str, count: int, wanted: str) -> list[float]:
    """Text -> so many finite numbers, or ValueError with what is wanted."""
    try:
        numbers = coordinates(text) if len(text) <= 60 else []
    except ValueError:
        numbers = []
    if len(numbers) != count or not all(isfinite(number) for number in numbers):
        raise ValueError(wanted)
    return numbers


PINNED = ("method", "n", "s", "factors", "iterations", "measure", "matrices", "seed")
"""The settings that a pinned picture keeps, joined by semicolons."""


def pins(text: str) -> str:
    """Pinned settings joined by ~ -> themselves, if each could be set."""
    wanted = f"pinned settings must be three at most, joined by ~, each {';'.join(PINNED)}"
    if len(text) > 400 or len(parts := text.split("~")) > 3:
        raise ValueError(wanted)
    for part in parts:
        if len(values := part.split(";")) != len(PINNED):
            raise ValueError(wanted)
        for key, value in zip(PINNED, values, strict=True):
            if key != "factors" or value:
                SETTINGS[key][1](value)
    return text


def hidden(text: str) -> str:
    """Roles of lines joined by hyphens -> themselves, if they exist."""
    if len(text) > 60 or not all(role in LINES for role in text.split("-")):
        raise ValueError(f"hidden lines must be some of {', '.join(LINES)}, joined by hyphens")
    return text


def permutations(text: str) -> str:
    """Words of digits -> themselves; whether they are permutations depends on n."""
    if len(text) > 60 or not all(letter in "12345678 " for letter in text):
        raise ValueError("permutations must be words of the digits 1 to 8, such as 123 213 231")
    return text


def methods(text: str) -> str:
    """Names of methods joined by ~ -> themselves, if they exist."""
    if len(text) > 200 or not all(not name or name in rivals() for name in text.split("~")):
        raise ValueError("methods must be names joined by ~")
    return text


SETTINGS: dict[str, tuple[Value, Callable[[str], Value]]] = {
    # Every page
    "n": (4, whole("n", 2, LARGEST_TYPED)),
    "s": (2, whole("s", 1, LARGEST_RANK)),
    "method": ("go-mHC", one_of("method", method_names)),
    "factors": ("", factors),
    "iterations": (20, whole("the number of Sinkhorn iterations", 1, 1000)),
    "measure": ("edges", one_of("measure", MEASURES)),
    "seed": (0, whole("the seed", 0, 2**31 - 1)),
    # Spectral reach
    "show": ("density", one_of("what is shown", SHOWN)),
    "hidden": ("", hidden),
    "window": ("", window),
    "at": ("", point),
    "of": ("", short),
    "pins": ("", pins),
    "sweep": ("no", one_of("the sweep", SWEEPS)),
    "matrices": (AUTO, one_of("the number of matrices", MATRICES)),
    # Compare methods, Complexity
    "family": ("paper", one_of("whose methods", ("paper", "newer", "all"))),
    "each": (100_000, one_of("the number of matrices of each method", MATRICES_EACH)),
    # Target eigenvalue
    "re": (0.3, number("a coordinate", -1, 1)),
    "im": (0.4, number("a coordinate", -1, 1)),
    "others": ("no", one_of("whether other methods are tried", ("no", "yes"))),
    # Inside the polytope
    "aspect": ("plane", one_of("what is looked at", ASPECTS)),
    "layer": ("projection", one_of("the layer", LAYERS)),
    "plane": ("cyclic", one_of("the plane", ("cyclic", "odd", "chosen"))),
    "space": ("cyclic", one_of("the space", ("klein", "cyclic", "order3", "diagonal", "chosen"))),
    "frequency": (1, whole("the frequency", 1, LARGEST_TYPED)),
    "chosen": ("", permutations),
    "corners": ("", permutations),
    "versus": ("", methods),
    "x": (0.2, number("a coordinate", -1, 1)),
    "y": (0.3, number("a coordinate", -1, 1)),
    "odd": (0, whole("the odd direction", 0, 175)),
    "turn": (35, whole("the turn", 0, 360)),
    "tilt": (20, whole("the tilt", -90, 90)),
    "frame": ("", window),
    "points": (3_000, one_of("the number of points", POINTS)),
    "towards": ("edge", one_of("the target", ("edge", "sinkhorn"))),
    "gap_iterations": (1_000, one_of("the number of iterations", GAP_ITERATIONS)),
    # Stream mixing
    "preset": ("Fig. 6", short),
    "length": ("full", one_of("the length", LENGTHS)),
    "mix_methods": ("", methods),
    "mix_targets": ("sinkhorn", one_of("the targets", MIX_TARGETS)),
    "mix_objective": ("features", one_of("the objective", MIX_OBJECTIVES)),
    "mix_features": ("text", one_of("the features", ("text", "notebook"))),
    "mix_rotations": ("text", one_of("the rotations", ("text", "notebook"))),
    "mix_start_distance": (0.0, number("the distance from the vertex", 0, 0.9)),
    "mix_noise": (0.1, number("the noise", 0, 10)),
    "mix_projector_noise": (0.0, number("the projector noise", 0, 10)),
    "mix_sparsity": (0.0, number("the sparsity", 0, 0.99)),
    "mix_optimizer": ("adam", one_of("the optimizer", MIX_OPTIMIZERS)),
    "mix_rate": (1e-3, number("the learning rate", 1e-6, 10)),
    "mix_count": (64, whole("the number of targets", 1, MIX_COUNT)),
    "mix_samples": (100, whole("the number of samples", 1, MIX_SAMPLES)),
    "mix_iterations": (3_000, one_of("the number of iterations", MIX_ITERATIONS)),
    # Your matrices, and as a layer elsewhere
    "mine": ("no", one_of("whether own matrices are drawn", ("no", "yes"))),
    "own": ("example", one_of("where matrices come from", OWN)),
    "example": ("trained mHC", one_of("the example", list(EXAMPLES))),
    "site": (0, whole("the number of the site", 0, 4095)),
    "layout": ("", one_of("the convention", layouts)),
    "own_iterations": (0, whole("the number of iterations", 0, MOST_OWN_ITERATIONS)),
    "temperature": (0.0, number("the temperature", 0, 1000)),
    "transposed": ("no", one_of("whether tables are transposed", ("no", "yes"))),
    # Choose
    "most_numbers": (0, whole("the most numbers", 0, LARGEST_BUDGET)),
    "most_flops": (0, whole("the most operations", 0, LARGEST_BUDGET)),
    "prefer": ("reach", one_of("what is preferred", PREFERENCES)),
    "must_be_exact": ("yes", one_of("whether sums must be exact", ("yes", "no"))),
    "dtype": ("float32", one_of("the dtype", DTYPES)),
    # Language model
    "model": ("finished", one_of("what is looked at", MODELS)),
    "lm_streams": (4, one_of("the number of streams of what comes along", LM_STREAMS)),
    "lm_told": ("loss", one_of("what is drawn", TOLD)),
    "lm_first": ("go-mHC", one_of("the method", trained_names)),
    "lm_second": ("residual", one_of("the other method", lambda: ["", *trained_names()])),
    "lm_iterations": (800, one_of("the number of iterations", LM_ITERATIONS)),
    "lm_text": ("plays", one_of("the text", ("plays", "own"))),
    "lm_inside": ("", short),
    "lm_after": (0, whole("the iteration", 0, 2**31 - 1)),
    # Complexity
    "predicted": ("minimal", one_of("the numbers predicted", PREDICTED)),
    "lm_layers": (6, whole("the number of layers", 1, LARGEST_MODEL["lm_layers"])),
    "lm_width": (384, whole("the width", 1, LARGEST_MODEL["lm_width"])),
    "lm_vocabulary": (50_304, whole("the vocabulary", 1, LARGEST_MODEL["lm_vocabulary"])),
    "lm_context": (512, whole("the context", 1, LARGEST_MODEL["lm_context"])),
    "lm_bytes": (4, one_of("the bytes of a number", BYTES)),
    "afford": (28, whole("the budget of numbers", 1, LARGEST_BUDGET)),
    "afford_time": (0.0, number("the budget of time", 0, 1e6)),
    "afford_flops": (1_000_000, whole("the budget of operations", 1, LARGEST_BUDGET)),
}
"""Default and parser of every setting by its name in the link."""
