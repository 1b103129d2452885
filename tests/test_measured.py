"""The README's "Measured" says what benchmarks/results holds, number by number: who measures anew writes anew."""

import json
from pathlib import Path
from typing import Any

from geometry.proofs import shipped
from tests.test_readme import README

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
MACHINES = {"AMD EPYC": "E", "Intel(R) Xeon(R) Processor": "X"}


def told(name: str) -> dict[str, Any]:
    return dict(json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8")))


def rows(name: str, **wanted: object) -> list[dict[str, Any]]:
    """Name of a results file, fields -> its rows that have them."""
    found = [row for row in told(name)["rows"] if wanted.items() <= row.items()]
    assert found, f"{name}.json has no row with {wanted}"
    return found


def ratios(found: list[dict[str, Any]]) -> str:
    return " / ".join(f"{row['ratio']:.1f}" for row in found)


def row_of(name: str, what: str) -> dict[str, Any]:
    (found,) = rows(name, what=what)
    return found


def last_cells(text: str) -> list[tuple[str, str]]:
    """README -> how many times faster, and on which machine, of every row of "Measured"."""
    lines = text.partition("## Measured")[2].partition("\n## ")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [(faster, machine) for _, _, faster, machine in cells[2:]]


def expected_cells() -> list[tuple[str, str]]:
    """The results -> the same, in the order of the README's rows."""
    passes = {"passes": "both"}
    plain = [row["ratio"] for method in ("mHC-lite", "KromHC") for row in rows("methods", method=method, **passes)]
    recipe, cut = row_of("reach", "recipe"), row_of("slices", "slice")
    table = [
        ("methods", ratios(rows("methods", method="mHC", n=4, **passes))),
        ("methods", ratios(rows("methods", method="mHC", n=8, **passes))),
        ("methods", ratios(rows("methods", method="go-mHC", n=4, s=2, **passes))),
        ("methods", ratios(rows("methods", method="go-mHC", n=8, s=2, **passes))),
        ("methods", f"{min(plain):.1f} to {max(plain):.1f}"),
        ("eigenvalues", ratios(rows("eigenvalues"))),
        ("survey", ratios(rows("survey", what="survey"))),
        ("reach", f"{recipe['ratio']:.0f}"),
        ("reach", f"{recipe['recipe_seconds'] / recipe['solve_seconds']:.1f}"),
        ("slices", f"{cut['adam_ratio']:.1f}; {cut['ratio']:.0f}"),
        ("slices", ratios(rows("slices", what="projected, without"))),
        ("slices", ratios(rows("slices", what="projected, with sampling"))),
        ("stream_mixing", f"{row_of('stream_mixing', 'iterations, Fig. 6')['ratio']:.0f}"),
        ("stream_mixing", f"{row_of('stream_mixing', 'iterations, Fig. 6, more samples')['ratio']:.0f}"),
        ("stream_mixing", f"{row_of('stream_mixing', 'iterations, Fig. 6, fewer targets')['ratio']:.0f}"),
        ("stream_mixing", f"{row_of('stream_mixing', 'iterations, without mHC-lite')['ratio']:.1f}"),
        ("stream_mixing", f"{row_of('stream_mixing', 'iterations, Fig. A10')['ratio']:.1f}"),
        ("layers", ratios(rows("layers", against="hyper-connections v1"))),
        ("layers", ratios(rows("layers", against="hyper-connections v2"))),
        (
            "language_model",
            ratios([rows("language_model", against=f"hyper-connections v{number}")[0] for number in (1, 2)]),
        ),
    ]
    return [(faster, MACHINES[told(name)["machine"]["cpu"]]) for name, faster in table]


def expected_sentences() -> list[str]:
    """The results -> what the README says about them in words."""
    recipe, cut, slope = row_of("reach", "recipe"), row_of("slices", "slice"), row_of("reach", "slope")
    (large,) = rows("reach", what="growth", n=16, s=2)
    (largest,), (coarse,) = rows("reach", what="growth", n=64, s=1), rows("reach", what="coarse", n=64, s=1)
    alone, whole = (rows("slices", what=f"projected, {kind}")[0] for kind in ("without", "with sampling"))
    dearer = {
        name: " / ".join(f"{1 / row['ratio']:.2f}" for row in rows("layers", method=name, against="residual"))
        for name in ("go-mHC", "mHC", "identity")
    }
    steps = {
        name: f"{1 / rows('language_model', method=name, against='residual')[0]['ratio']:.2f}"
        for name in ("go-mHC", "mHC", "identity")
    }
    surveys = [row["seconds"] for row in rows("survey", what="survey")]
    return [
        f"such a block takes {dearer['go-mHC']} times as long as the plain residual block with go-mHC",
        f"(s = 2), {dearer['mHC']} with mHC, and {dearer['identity']} without any mixing",
        f"takes {steps['go-mHC']} times as long as the plain one's with go-mHC (s = 2, n = 4), "
        f"{steps['mHC']} with mHC, {steps['identity']} with identity",
        f"The map takes {recipe['seconds']:.2f} seconds, the recipe {recipe['recipe_seconds']:.0f};",
        f"the map touches {recipe['touched']:,} cells, the recipe {recipe['recipe_touched']:,}.",
        f"`solve` takes {recipe['solve_seconds']:.2f} seconds: of those inside PM₄ it reaches "
        f"{recipe['solve_1e-03_inside']:.0%} within 1e-3 and {recipe['solve_1e-08_inside']:.0%} within 1e-8, "
        f"the recipe {recipe['recipe_1e-03_inside']:.0%} and {recipe['recipe_1e-08_inside']:.0%}.".replace("%", " %"),
        f"At n = 16, s = 2 a map takes {large['seconds']:.1f} seconds; "
        f"at n = 64, s = 1 it takes {largest['seconds']:.1f}, in a process of {largest['peak_mb']:.0f} MB, "
        f"and {coarse['seconds']:.1f} with 51 × 51 cells.",
        f"like N^{slope['log_log_slope']:.2f} with N = ns from 4 to 64,",
        f"like N^{slope['log_log_slope_from_16']:.2f} from 16 on",
        f"The slice takes {cut['seconds']:.2f} seconds and certifies all {cut['exact_members']:,} cells",
        f"Adam finds {cut['adam_members']:,} of them within 1e-6, least squares "
        f"{cut['least_squares_members'] / cut['least_squares_exact_members']:.0%} of".replace("%", " %"),
        f"take {whole['seconds']:.2f} seconds at n = 3, of which the projection {alone['seconds']:.2f}.",
        f"takes {row_of('stream_mixing', 'whole run, Fig. 6')['seconds']:.1f} seconds on one core",
        f"takes {min(surveys):.2f} to {max(surveys):.2f} seconds, depending on the measure.",
    ]


def language_sentences() -> list[str]:
    """The language models that come along -> what the README says about them in words."""
    from networks.language_model.methods import projector
    from networks.language_model.shipped import shipped

    small, large = shipped(4), shipped(8)
    losses = [[row.loss for row in found.rows.values() if row.loss is not None] for found in (small, large)]
    apart = {label: max(each) - min(each) for label, each in small.seeds.items()}
    off = [
        row.sums_off_by
        for found in (small, large)
        for label, row in found.rows.items()
        if row.sums_off_by is not None and getattr(projector(found.networks[label]), "exact", False)
    ]
    return [
        f"between {min(losses[0]):.2f} and {max(losses[0]):.2f} nats a character of held out text at n = 4, and "
        f"between {min(losses[1]):.2f} and {max(losses[1]):.2f} at n = 8.",
        f"{apart['residual']:.3f} (residual) and {apart['go-mHC, s = 2']:.3f} (go-mHC, s = 2) apart",
        f"off by {max(off) * 1e6:.0f}e-6 at most, of mHC by up to {small.rows['mHC'].sums_off_by:.2f} at n = 4 and "
        f"{large.rows['mHC'].sums_off_by:.2f} at n = 8, of Newton–Schulz by "
        f"{small.rows['orthostochastic, Newton–Schulz'].sums_off_by:.2f}, of unconstrained HC by "
        f"{small.rows['HC'].sums_off_by:.0f}.",
    ]


def proof_sentence() -> str:
    """What is proved -> what the README says about it."""
    one, two, three, fine, four, eight = told("proofs")["rows"]
    of_exact = ", ".join(f"{100 * row['share'] / row['exact']:.1f}" for row in (one, two, three))
    return (
        f"Of what is exact at n = 3, {of_exact} % are proved for s = 1, 2, 3 with 101 × 101 cells split three times at "
        f"most, {100 * fine['share'] / fine['exact']:.1f} % for s = 1 with 401 × 401. At n = 4, s = 2, split twice, "
        f"{four['share']:.3f} of PM₄ take {four['seconds']:.0f} seconds on two cores, where a map certifies "
        f"{four['certified']:.3f}, and {eight['share']:.3f} of PM₈ {eight['seconds']:.0f} seconds at n = 8, s = 2 "
        f"({eight['certified']:.3f}); the checker takes {four['checked']:.0f} and {eight['checked']:.0f} on one "
        "(`benchmarks/proofs.py`, once each)."
    )


def proof_rows() -> list[str]:
    """The table of proved areas, as the shipped certificates have it."""
    shares: dict[str, dict[int, float]] = {}
    for n in shipped.SIZES:
        columns = shipped.proved_area(n)
        for name, share in zip(columns["method"], columns["proved"], strict=True):
            shares.setdefault(name, {})[n] = share
    return [
        f"| {name} | " + " | ".join(f"{100 * each[n]:.1f} %" if n in each else "" for n in shipped.SIZES) + " |"
        for name, each in shares.items()
    ]


def test_the_proved_areas_are_those_of_the_shipped_certificates() -> None:
    text = README.read_text(encoding="utf-8")
    assert [row for row in proof_rows() if row not in text] == []


def test_every_row_says_what_was_measured_and_where() -> None:
    assert last_cells(README.read_text(encoding="utf-8")) == expected_cells()


def test_every_sentence_says_what_was_measured() -> None:
    text = " ".join(README.read_text(encoding="utf-8").split())
    wanted = [*expected_sentences(), *language_sentences(), proof_sentence()]
    assert [sentence for sentence in wanted if sentence not in text] == []


def test_what_the_slice_certifies_is_all_that_is_inside() -> None:
    cut = row_of("slices", "slice")
    assert cut["members"] == cut["exact_members"]
