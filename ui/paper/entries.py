"""Every figure and table of the go-mHC paper: what it shows, the picture here, and what we found different."""

from __future__ import annotations

from dataclasses import dataclass, field

REACH, COMPARE = "app.py", "pages/compare_methods.py"
INSIDE, MIXING, COST = "pages/inside_the_polytope.py", "pages/stream_mixing.py", "pages/complexity.py"
LANGUAGE = "pages/language_model.py"

SMALL = "At the size of two CPU cores; the paper's own size is a preset of the same command, for a GPU."
JUDGED = (
    "The grades rest on language models and are not shown; how far judges agree is computed from any table of them."
)


@dataclass(frozen=True)
class Entry:
    """A figure, a table or a claim: its name, what it shows, the page and settings of the picture here, what differs.

    Without a page there is no picture here, and `different` says why.
    """

    name: str
    shows: str
    page: str = ""
    query: dict[str, str] = field(default_factory=dict)
    different: str = ""


def preset(name: str, shows: str, different: str = "") -> Entry:
    """A figure that is an experiment of *Stream mixing* by its own name."""
    return Entry(name, shows, MIXING, {"preset": name} if name != "Fig. 6" else {}, different)


FIGURES = (
    Entry(
        "Fig. 1",
        "A hyper-connected block, and the eigenvalues that each method can have.",
        COMPARE,
        {"n": "4", "each": "30000"},
        "The eigenvalues; the sketch of the block is the paper's own.",
    ),
    Entry(
        "Fig. 2",
        "The region that bounds the eigenvalues of doubly stochastic matrices.",
        REACH,
        {"method": "mHC-lite", "show": "both"},
        "The paper calls it Karpelevich's. That region bounds stochastic matrices and is larger from n = 4 on: both "
        "are drawn, each by its name.",
    ),
    Entry(
        "Fig. 3",
        "Eigenvalues of s-orthostochastic matrices of order 3 as s grows: a deltoid that fills the triangle.",
        REACH,
        {"n": "3", "s": "1", "show": "both"},
        "Slide s. The boundary is drawn exactly; the gap to the triangle is ε = 1/(6s) at mid-interval, and 0 at t = ½ "
        "for even s.",
    ),
    Entry(
        "Fig. 4",
        "Eigenvalues at n = 4: mHC-lite, KromHC and go-mHC of rank 1 and 2, seeking the edges.",
        COMPARE,
        {"n": "4"},
        "Sampled under the measure edges. Which cells are reached with certainty, the same page draws below.",
    ),
    Entry("Fig. 5", "Parameters and operations of every method against n.", COST),
    preset("Fig. 6", "Losses while five methods learn the same targets at n = 4."),
    preset(
        "Fig. 7",
        "The same at several levels of noise.",
        "At the lowest noise, losses of steep targets jump off the minimum now and then, as Adam's do.",
    ),
    preset("Fig. 8", "Iterations to convergence against n, up to 64."),
    Entry("Fig. 9", "Losses of a small language model with each method.", LANGUAGE, {}, SMALL),
    preset("Fig. A1", "Fig. 7 with plain gradient descent.", "The paper does not give its rate: ours is 0.1."),
    preset("Fig. A2", "Targets from other distributions."),
    preset(
        "Fig. A3",
        "The matrix itself as the target.",
        "The noise that the authors add to the target matrix is left out.",
    ),
    Entry("Fig. A4", "Losses at other numbers of streams.", MIXING, {"preset": "Fig. A4 and A5"}),
    Entry("Fig. A5", "Sparse features.", MIXING, {"preset": "Fig. A4 and A5"}),
    Entry(
        "Fig. A6",
        "The smallest loss that noise leaves, against the noise.",
        MIXING,
        {"preset": "Fig. 7"},
        "The dashed line in every picture of losses; Eqs. 21–24 hold exactly (they are tested).",
    ),
    preset(
        "Fig. A7", "Targets that fluctuate.", "Noise is Gaussian and new for every sample; the authors' has a mean."
    ),
    preset("Fig. A8", "How much of a target is lost to KromHC, for factors of all sizes."),
    preset("Fig. A9", "How soon a product of mixing matrices forgets its start.", ""),
    preset("Fig. A10", "Whether the exponential is what makes Sinkhorn and mixtures slow."),
    preset("Fig. A11", "One stream read out of the mixed ones.", "Read-outs are rows of length 1, and start anywhere."),
    Entry(
        "Fig. A12",
        "The polygon of the three cyclic permutations, filled as s grows.",
        INSIDE,
        {"n": "3", "s": "1"},
        "The paper's picture is a projection. The slice of rank 1 is a closed curve, not a filled region: switch to "
        "certified slice.",
    ),
    Entry(
        "Fig. A13",
        "The polytope in space, on several bases of permutations.",
        INSIDE,
        {"n": "4", "s": "1", "aspect": "space"},
        "The paper does not name its bases: five kinds, and permutations of your own, are offered.",
    ),
    preset(
        "Fig. A14",
        "Real against complex rotations, for random targets and for targets on an edge.",
        "Complex rotations are slower on edges, with the authors' starts.",
    ),
    preset("Fig. A15", "The geodesic angle to the target.", ""),
    preset("Fig. A16", "The Kullback–Leibler divergence from the target.", ""),
    preset("Fig. A17", "When a method counts as converged.", "The mean curve decides, not each target's own."),
    Entry("Fig. A18", "Losses and gradient jitter of language models.", LANGUAGE, {"lm_told": "jitter"}, SMALL),
    Entry("Fig. A19", "More of the same training.", LANGUAGE, {"lm_told": "training loss"}, SMALL),
    Entry("Fig. A20", "A language model with many streams.", LANGUAGE, {"lm_streams": "8"}, SMALL),
    Entry(
        "Fig. A21",
        "Eigenvalues of means of orthostochastic matrices, which fill the region almost at once.",
        REACH,
        {"method": "averaged orthostochastic", "show": "both"},
        "Slide s, the number of terms. Means fill the region, not the polytope: see Fig. A12 for them.",
    ),
)

TABLES = (
    Entry("Table 1", "Parameters of every method.", COST, {}, "Its count of rotations is of skew matrices."),
    Entry("Table 2", "How operations grow with n.", COST),
    Entry("Table 3", "Grades of stories that the models wrote.", LANGUAGE, {"model": "judges"}, JUDGED),
    Entry("Table 4", "Operations of every method.", COST, {}, "And measured times, beside them."),
    Entry(
        "Table 5",
        "Settings of the training of language models.",
        different="In the library: `PRESETS` of `networks.language_model`.",
    ),
    Entry("Table 6", "Grades by a smaller judge.", LANGUAGE, {"model": "judges"}, JUDGED),
    Entry("Table 7", "Grades by another.", LANGUAGE, {"model": "judges"}, JUDGED),
    Entry("Table 8", "How far the judges agree.", LANGUAGE, {"model": "judges"}, JUDGED),
    Entry("Table 9", "Parameters of whole language models.", COST, {}, "All eight rows come out to the integer."),
)

CLAIMS = (
    Entry(
        "Prop. B.1",
        "The spectrum of a Kronecker product stays in the region of its factors.",
        REACH,
        {"n": "9", "method": "KromHC", "factors": "3x3", "show": "both"},
        "False from factors of size 3 on: a transposition times a 3-cycle has the eigenvalue e^{iπ/3}.",
    ),
    Entry(
        "Prop. B.3",
        "Every O(d, s) contains the barycentre J/d.",
        INSIDE,
        {"n": "3", "s": "1", "x": "0", "y": "0", "layer": "certified slice"},
        "False for d = 3 and s = 1: √2/3 is the distance. True for every even s.",
    ),
    Entry(
        "B.4",
        "Products of exact methods never grow.",
        MIXING,
        {"preset": "B.4, gains"},
        "Those of mHC do, by a little.",
    ),
    Entry(
        "B.7",
        "The map from parameters to matrices has a Jacobian that does not vanish.",
        MIXING,
        {"preset": "B.10, gradients"},
        "It vanishes at every vertex of the polytope, and at A = 0.",
    ),
    Entry(
        "B.8",
        "Equal layers forget at the rate of the largest eigenvalue but one.",
        MIXING,
        {"preset": "B.8, equal layers"},
        "In the limit, and never faster.",
    ),
    Entry("B.9", "A redundant softmax is what slows go-mHC, too.", different="In the library: `SoftmaxRotation`."),
    Entry("B.10", "A method must leave the vertex near which it starts.", MIXING, {"preset": "B.10"}),
)
