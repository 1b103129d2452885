"""The stream-mixing experiment as a value: everything that decides its outcome, checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import factorial, inf, nan
from numbers import Real

from geometry.devices import OPERATIONS_PER_SECOND
from learning.stream_mixing.choices import CHOICES, Features, Objective, Optimizer, ParameterStyle, Targets
from projectors import Projector, ranked
from projectors.checks import whole_number

LARGEST_N = 64
LARGEST_COUNT = 4096
LARGEST_SAMPLES = 10_000
LARGEST_ITERATIONS = 200_000
MOST_METHODS = 32
LARGEST_RANK = 16
MOST_NUMBERS = 4_000_000
"""Parameters of all methods and targets together, entries of all matrices, numbers that targets are made of: at most
32 MB of each, and training works with about ten times that."""
MOST_FEATURES = 100_000_000
"""Feature values of all targets together: a few seconds to draw."""

STEP_SECONDS = 5e-5
"""What a method's calls to torch take in an iteration, however small its matrices are, where they are a few."""

CALL_SECONDS = 5e-5
"""What every one of a projector's `calls` takes beyond those, with its backward pass."""

PASSES = 3
"""An iteration costs a forward pass and about twice as much to come back."""


def standard_methods(n: int, ranks: Iterable[int] = (1, 2, 3)) -> tuple[tuple[str, Projector], ...]:
    """n -> the paper's Fig. 6 as (name, projector): mHC-lite, KromHC and go-mHC of these ranks, where they exist at n.

    >>> [name for name, _ in standard_methods(5)]
    ['mHC-lite', 'go-mHC, s = 1', 'go-mHC, s = 2', 'go-mHC, s = 3']
    """
    return tuple((name, projector) for name, projector in ranked(n, ranks).items() if name != "mHC")


@dataclass(frozen=True)
class StreamMixing:
    """The paper's synthetic experiment (section 5.1 of [goMHC2026]): learn random matrices T from noisy data T x + e.

    `methods` are pairs (name, projector); left empty, those of `standard_methods(n)`. Each trains one matrix for each
    of `count` targets, from `samples` vectors x with noise e ~ U(0, `noise`). `target_rank` is the s of orthostochastic
    and unistochastic targets. `projector_noise` is the standard deviation of Gaussian noise on the entries of T, new
    for every sample (B.2). With `start_distance` every method starts at about that distance, 1 - (mean diagonal), from
    the identity, instead of from its own initialisation (B.10). `rate` is the optimizer's learning rate. The same value
    always gives the same numbers. Raises ValueError for impossible or unreasonably large fields.

    >>> StreamMixing(n=4, noise=0.01).methods[1]
    ('KromHC', Kronecker(factors=(PermutationMixture(n=2), PermutationMixture(n=2))))
    """

    n: int = 4
    methods: tuple[tuple[str, Projector], ...] = ()
    targets: Targets = "sinkhorn"
    target_rank: int = 2
    count: int = 64
    samples: int = 100
    objective: Objective = "features"
    noise: float = 0.1
    projector_noise: float = 0.0
    sparsity: float = 0.0
    features: Features = "text"
    parameters: ParameterStyle = "text"
    start_distance: float | None = None
    optimizer: Optimizer = "adam"
    rate: float = 1e-3
    iterations: int = 10_000
    seed: int = 0

    def __post_init__(self) -> None:
        self._whole("n", 2, LARGEST_N)
        self._whole("target_rank", 1, LARGEST_RANK)
        self._whole("count", 1, LARGEST_COUNT)
        self._whole("samples", 1, LARGEST_SAMPLES)
        self._whole("iterations", 1, LARGEST_ITERATIONS)
        self._whole("seed", 0, 2**63 - 1)
        self._real("noise", 0, 1000)
        self._real("projector_noise", 0, 1000)
        self._real("rate", 0, 1000, above=True)
        self._real("sparsity", 0, 1, below=True)
        if self.start_distance is not None:
            self._real("start_distance", 0, 1, above=True, below=True)
        for field, choices in CHOICES.items():
            if getattr(self, field) not in choices:
                raise ValueError(f"{field} must be one of {', '.join(choices)}, not {getattr(self, field)!r}")
        methods = standard_methods(self.n) if self.methods == () else self.methods
        object.__setattr__(self, "methods", _named(methods, self.n))
        if self.targets == "permutations" and self.n > 8:
            raise ValueError(f"mixtures of all permutations are targets up to n = 8, not {self.n}")
        self._affordable()

    @property
    def expected_seconds(self) -> float:
        """About how long its training takes on two cores: good to a factor of three."""
        matrices = PASSES * self.count / OPERATIONS_PER_SECOND
        each = (STEP_SECONDS + CALL_SECONDS * by.calls + matrices * by.flops for _, by in self.methods)
        return self.iterations * sum(each)

    def _whole(self, field: str, lowest: int, highest: int) -> None:
        object.__setattr__(self, field, whole_number(getattr(self, field), field, lowest, highest))

    def _real(self, field: str, lowest: float, highest: float, above: bool = False, below: bool = False) -> None:
        value = getattr(self, field)
        try:
            number = float(value) if isinstance(value, Real) else nan
        except OverflowError:
            number = inf
        if not lowest <= number <= highest or (above and number == lowest) or (below and number == highest):
            ends = f"{'above' if above else 'from'} {lowest} {'below' if below else 'to'} {highest}"
            raise ValueError(f"{field} must be a number {ends}, not {value!r}")
        object.__setattr__(self, field, number)

    def _affordable(self) -> None:
        """Raise ValueError where memory would run out; the message says what to reduce."""
        parameters = sum(projector.parameter_count for _, projector in self.methods)
        entries = len(self.methods) * self.n**2
        hidden = (self.n * self.target_rank) ** 2 if self.targets in ("orthostochastic", "unistochastic") else 1
        hidden = factorial(self.n) if self.targets == "permutations" else hidden
        for each, most, what in (
            (parameters, MOST_NUMBERS, "parameters of all methods and targets: reduce count, n or s"),
            (entries, MOST_NUMBERS, "matrix entries of all methods and targets: reduce count or n"),
            (hidden, MOST_NUMBERS, "random numbers behind its targets: reduce count, n or target_rank"),
            (self.samples * self.n, MOST_FEATURES, "feature values of all targets: reduce count, samples or n"),
        ):
            if self.count * each > most:
                raise ValueError(f"the experiment would have {self.count * each:,} (at most {most:,}) {what}")


def _named(pairs: object, n: int) -> tuple[tuple[str, Projector], ...]:
    """Anything -> the pairs (name, projector) it is, or ValueError."""
    wanted = f"methods must be pairs of a name and a projector of n = {n}"
    try:
        named = tuple((name, projector) for name, projector in pairs)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise ValueError(f"{wanted}, not {pairs!r}") from None
    for name, projector in named:
        if not isinstance(name, str) or not isinstance(projector, Projector) or projector.n != n:
            raise ValueError(f"{wanted}, not ({name!r}, {projector!r})")
    if not 0 < len(named) <= MOST_METHODS or len({name for name, _ in named}) < len(named):
        raise ValueError(f"methods must be 1 to {MOST_METHODS} pairs of different names, not {[n for n, _ in named]}")
    return named
