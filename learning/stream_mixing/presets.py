"""The paper's learning experiments by the numbers of its figures: questions, with the runs that answer them.

Where the paper's own pictures show it, the runs are those of the authors' code rather than of the text: features that
are multiplied by the number of active ones, and skew matrices A = Theta - Theta^T of uniform numbers. With both, the
curves of Figs. 6, 8 and A10 are reproduced. What the pictures do not tell (values of a sweep, SGD's rate) is chosen
here, and three things are ours on purpose: an objective of the matrix has no noise of its own (A3), noise on the
projector is Gaussian and new for every sample, so that Eq. 24 holds exactly (A7), and an eigenvalue's loss is its
distance from a target, without the Perron root.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

from learning.stream_mixing.choices import Objective, Targets
from learning.stream_mixing.experiment import StreamMixing, standard_methods
from projectors import Kronecker, Orthostochastic, PermutationMixture, Projector, Unistochastic, newer, ranked, variants

Shows = Literal["losses", "epochs", "final", "divergence", "angle"]
"""Which quantity of its runs a figure shows: mean losses over iterations, iterations to convergence, final losses, KL
divergence or geodesic angle from the matrices on the way to their targets."""

Methods = tuple[tuple[str, Projector], ...]


@dataclass(frozen=True)
class Preset:
    """A figure of the paper: the question it answers, its runs by label, what of them it shows."""

    name: str
    question: str
    experiments: tuple[tuple[str, StreamMixing], ...]
    shows: Shows = "losses"


def notebook(n: int = 4, methods: Methods = ()) -> StreamMixing:
    """n, methods -> the experiment as the authors' code has it; without methods, those of Fig. 6."""
    return StreamMixing(n=n, methods=methods, features="notebook", parameters="notebook")


FIG_6 = notebook()


def krom(factor: int, power: int) -> Projector:
    """Factor, power -> KromHC at n = factor^power, all of whose i_k are the factor."""
    return Kronecker((PermutationMixture(factor),) * power)


def scaled(n: int) -> Methods:
    """n -> go-mHC of rank 2 and, where they exist and the paper runs them, mHC-lite (n <= 6) and KromHC (i_k = 2)."""
    methods: Methods = (("go-mHC, s = 2", Orthostochastic(n, 2)),)
    if n <= 6:
        methods += (("mHC-lite", PermutationMixture(n)),)
    if n & (n - 1) == 0:
        methods += (("KromHC", krom(2, n.bit_length() - 1)),)
    return methods


def compared(n: int) -> Methods:
    """n -> the methods of Fig. 6, but mHC-lite only up to n = 6: at n = 8, it alone would take half an hour."""
    return tuple((name, method) for name, method in standard_methods(n) if n <= 6 or name != "mHC-lite")


def factored(n: int) -> Methods:
    """n -> KromHC for every i_k in 2, 3, 4 of which n is a power."""
    powers = [(factor, power) for factor in (2, 3, 4) for power in range(1, 7) if factor**power == n]
    return tuple((f"KromHC, i_k = {factor}", krom(factor, power)) for factor, power in powers)


def ablation(n: int) -> Methods:
    """n -> mHC with and without the exponential, and the methods it is compared with (Fig. A10)."""
    table = ranked(n, (2,))
    return (("mHC", table.pop("mHC")), ("mHC, linear", variants(n)["mHC, linear"]), *table.items())


def since(n: int) -> Methods:
    """n -> go-mHC of rank 2, and what others have proposed since that has something to learn."""
    return (
        ("go-mHC, s = 2", Orthostochastic(n, 2)),
        *((name, each) for name, each in newer(n).items() if each.parameter_count),
    )


def real_and_unitary(n: int) -> Methods:
    """n -> go-mHC with real and with complex rotations at ranks 1, 2, 3."""
    kinds = (("go-mHC", Orthostochastic), ("go-mHC, unitary", Unistochastic))
    return tuple((f"{name}, s = {s}", kind(n, s)) for s in (1, 2, 3) for name, kind in kinds)


def noise_levels(experiment: StreamMixing) -> tuple[tuple[str, StreamMixing], ...]:
    """Experiment -> the same with ever less noise."""
    return tuple((f"noise {eta:g}", replace(experiment, noise=eta)) for eta in (0.1, 0.01, 0.001, 0.0001))


def sizes(streams: Iterable[int]) -> tuple[tuple[str, StreamMixing], ...]:
    """Numbers of streams n -> the experiment with each."""
    return tuple((f"n = {n}", notebook(n, scaled(n))) for n in streams)


def target_kinds() -> tuple[tuple[str, StreamMixing], ...]:
    """Every distribution of targets, those with a rank at s = 1 and 3."""
    runs = []
    for kind, label in TARGETS.items():
        if kind in ("orthostochastic", "unistochastic"):
            runs += [(f"{label}, s = {s}", replace(FIG_6, targets=kind, target_rank=s)) for s in (1, 3)]
        else:
            runs.append((label, replace(FIG_6, targets=kind)))
    return tuple(runs)


TARGETS: dict[Targets, str] = {
    "sinkhorn": "Sinkhorn",
    "orthostochastic": "orthogonal",
    "unistochastic": "unitary",
    "permutations": "permutations",
}
READ_OUTS: dict[Objective, str] = {"read-out": "fixed read-out", "learned read-out": "learned read-out"}

VERTEX = replace(
    FIG_6,
    methods=ablation(4),
    targets="vertex",
    objective="matrix",
    optimizer="sgd",  # whose steps are as small as the gradient: Adam's are not
    rate=0.1,
)

ALL = (
    Preset("Fig. 6", "Which method learns a target matrix fastest, and which reaches it?", (("n = 4", FIG_6),)),
    Preset("Fig. 7", "Does the amount of noise change the order?", noise_levels(FIG_6)),
    Preset(
        "Fig. 8",
        "How do the iterations to convergence grow with the number of streams?",
        sizes((2, 3, 4, 5, 6, 8, 9, 12, 16, 24, 32, 64)),
        "epochs",
    ),
    Preset(
        "Fig. A1",
        "Is it the same with plain gradient descent instead of Adam?",
        noise_levels(replace(FIG_6, optimizer="sgd", rate=0.1)),
    ),
    Preset(
        "Fig. A2",
        "Does it matter from which distribution the targets come?",
        target_kinds(),
    ),
    Preset(
        "Fig. A3",
        "Is it the same when the matrix itself is the target?",
        (("n = 4", replace(FIG_6, objective="matrix")),),
    ),
    Preset(
        "Fig. A4 and A5",
        "Does it matter how many streams there are, and how sparse their features are?",
        tuple(
            (f"n = {n}, sparsity {sparsity:g}", replace(notebook(n, compared(n)), sparsity=sparsity))
            for n, sparsity in [*((n, 0) for n in (2, 3, 4, 5, 6, 8, 9, 10, 12, 16)), *product((2, 4, 6), (0.5, 0.9))]
        ),
    ),
    Preset(
        "Fig. A7",
        "What if the target itself fluctuates?",
        tuple((f"projector noise {sigma:g}", replace(FIG_6, projector_noise=sigma)) for sigma in (0.0, 0.01, 0.1)),
    ),
    Preset(
        "Fig. A8",
        "How much of a target is lost to KromHC, and do larger factors help?",
        tuple(
            (f"n = {n}", replace(notebook(n, factored(n)), count=16, iterations=5000))
            for n in (2, 3, 4, 8, 9, 16, 27, 32, 64)
        ),
        "final",
    ),
    Preset(
        "Fig. A10",
        "Is the exponential what makes methods slow?",
        (("n = 4", replace(FIG_6, methods=ablation(4), noise=1e-3, iterations=40_000)),),
    ),
    Preset(
        "Fig. A11",
        "Does reading one stream out of the mixed ones make up for what a method cannot reach?",
        tuple((label, replace(FIG_6, objective=objective)) for objective, label in READ_OUTS.items()),
    ),
    Preset(
        "Fig. A14",
        "Are complex rotations better than real ones?",
        (
            ("targets on an edge", replace(FIG_6, methods=real_and_unitary(4), targets="edge")),
            ("random targets", replace(FIG_6, methods=real_and_unitary(4))),
        ),
    ),
    Preset("Fig. A15", "How does the geodesic angle to the target shrink?", (("n = 4", FIG_6),), "angle"),
    Preset("Fig. A16", "How does the KL divergence from the target shrink?", (("n = 4", FIG_6),), "divergence"),
    Preset("Fig. A17", "When exactly has a method converged?", (("n = 4", FIG_6),)),
    Preset(
        "B.10",
        "Can a method leave the vertex of the polytope near which it starts?",
        (
            *((f"distance {distance:g}", replace(VERTEX, start_distance=distance)) for distance in (0.1, 0.01, 0.001)),
            ("distance 0.001, Adam", replace(VERTEX, optimizer="adam", rate=1e-3, start_distance=0.001)),
        ),
    ),
    Preset(
        "Newer methods",
        "How fast do methods learn that others have proposed since the paper?",
        (("n = 4", replace(FIG_6, methods=since(4))),),
    ),
)

PRESETS: dict[str, Preset] = {preset.name: preset for preset in ALL}
"""All presets by name, in the paper's order, and one of what came after it."""
