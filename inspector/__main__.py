"""`python -m inspector FILE`: the mixing sites of a checkpoint as a table, and pictures of them.

Pictures are drawn by the app's own figures, from its checkout; a library that was installed alone prints the table.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from projectors.checks import whole_number

if TYPE_CHECKING:
    from inspector import Collection, Measures

COLUMNS = ("site", "n", "|l2|", "turns", "rows", "columns", "entropy", "from I", "from J/n", "read as; what to know")
MANY = 1000
"""Sites from which on progress is shown."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Command-line arguments -> the exit status: 0, or 2 with a sentence on stderr if there is nothing to show."""
    given = _parser().parse_args(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # names may hold letters that a terminal does not have
    try:
        return _run(given)
    except (ValueError, OSError) as error:
        print(f"inspector: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m inspector", description="Mixing matrices of a checkpoint or table."
    )
    parser.add_argument("file", help="a file, a model's folder, or hf://owner/name@revision")
    parser.add_argument("--config", help="the config.json to read it with, if it is not beside it")
    parser.add_argument("--layout", help="the convention, where names alone do not tell")
    parser.add_argument("--iterations", type=int, help="Sinkhorn iterations")
    parser.add_argument("--epsilon", type=float, help="what Sinkhorn adds to sums")
    parser.add_argument("--temperature", type=float, help="what logits are divided by")
    parser.add_argument("--transposed", action="store_true", help="tables hold the transpose of what acts on streams")
    parser.add_argument(
        "--ranks",
        type=int,
        nargs="*",
        metavar="S",
        help="seek the nearest go-mHC matrices of these ranks, and other methods'",
    )
    parser.add_argument("--out", type=Path, help="a folder for pictures (HTML), the table (CSV) and the numbers (NPZ)")
    return parser


def _run(given: argparse.Namespace) -> int:
    import inspector
    from inspector.composites import gaps

    for rank in given.ranks or ():
        whole_number(rank, "a rank", 1, 8)
    settings = {
        name: getattr(given, name)
        for name in ("config", "layout", "iterations", "epsilon", "temperature")
        if getattr(given, name) is not None
    }
    collection = inspector.open(given.file, transposed=given.transposed, **settings)
    print(f"{collection.source}: {len(collection)} sites, {collection.kind}; read as {', '.join(collection.layouts)}")
    for n in collection.sizes:
        found = _measured(collection, n)
        for line in table(collection, n, found):
            print(line)
        for name, stack in inspector.stacks(collection, n).items():
            after = stack.mixed_after
            mixed = f"mixed after {after}" if after else f"{stack.left[-1]:.2g} of differences left"
            gains = "gains {:.4g} forwards, {:.4g} backwards".format(*stack.gains[:, -1].tolist())
            print(f"depth of {name}: {len(stack.left)} sites, {mixed}; {gains}")
        for name, site in gaps(collection, n).items():
            print(f"depth of {name}: none, since {site} is not finite")
        if given.ranks is not None:
            _takes(collection, n, given.ranks)
        if given.out is not None:
            _write(collection, n, found, given.out)
    return 0


def table(collection: Collection, n: int, found: Measures) -> Iterator[str]:
    """Sites of one n and their measures -> the lines of a table."""
    rows: list[tuple[str, ...]] = [COLUMNS]
    for row, site in enumerate(collection.of_size(n)):
        numbers = [found.entropy, found.from_identity, found.from_uniform]
        told = "; ".join(part for part in (site.layout, site.settings, " ".join(site.warnings)) if part)
        rows.append(
            (
                site.name,
                str(n),
                f"{float(found.second[row]):.4f}",
                "yes" if bool(found.rotates[row]) else "",
                f"{float(found.row_error[row]):.1e}",
                f"{float(found.column_error[row]):.1e}",
                *(f"{float(number[row]):.4f}" for number in numbers),
                told,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS) - 1)]
    for cells in rows:
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
        yield "".join(letter if letter.isprintable() else "?" for letter in "  ".join([*padded, cells[-1]]))


def _measured(collection: Collection, n: int) -> Measures:
    """Measures of the sites of one n, told about on stderr where they are many and somebody looks."""
    from inspector.measuring import Measures, measures

    matrices, parts, done = collection.matrices(n), [], 0
    watched = len(matrices) >= MANY and sys.stderr.isatty()
    for part in matrices.split(256):
        parts.append(measures(part))
        done += len(part)
        if watched:
            end = "\n" if done == len(matrices) else ""
            print(f"\rmeasured {done:,} of {len(matrices):,} sites", end=end, file=sys.stderr, flush=True)
    return Measures.joined(parts)


def _takes(collection: Collection, n: int, ranks: Sequence[int]) -> None:
    """Print how many sites every method holds, and how far off it is."""
    from inspector import convert
    from projectors import ranked

    for name, projector in ranked(n, ranks or (1, 2)).items():
        found = convert(collection, projector)
        held, count = int(found.held.sum()), len(found.distance)
        print(
            f"{name}: holds {held} of {count}, distances to {float(found.distance.max()):.4f}, "
            f"{projector.parameter_count} numbers a matrix"
        )


def _write(collection: Collection, n: int, found: Measures, out: Path) -> None:
    """Write pictures, table and numbers of one n into a folder."""
    import csv

    import numpy as np

    out.mkdir(parents=True, exist_ok=True)
    sites = collection.of_size(n)
    numbers = {name: value.numpy() for name, value in vars(found).items()}
    names = np.array([site.name for site in sites])
    np.savez_compressed(out / f"sites_n{n}.npz", names=names, matrices=collection.matrices(n).numpy(), **numbers)
    with (out / f"sites_n{n}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        single = [name for name, value in numbers.items() if value.ndim == 1]
        writer.writerow(["site", "layer", "read as", "settings", *single, "warnings"])
        for row, site in enumerate(sites):
            told = (numbers[name][row] for name in single)
            writer.writerow([site.name, site.layer, site.layout, site.settings, *told, " ".join(site.warnings)])
    try:
        from figures.files import html
        from figures.spectrum.plane import spectral_plane
        from figures.spectrum.sites import site_layers
    except ImportError:
        print("pictures need the checkout of Birkhoff Explorer, and plotly", file=sys.stderr)
        return
    from geometry.regions import karpelevich, perfect_mirsky

    parts, order = [site.part for site in sites], list(range(len(sites)))
    layers = site_layers(found.eigenvalues.numpy(), names.tolist(), order, parts)
    title = f"{collection.source}: {len(sites)} sites, n = {n}"
    regions = {"perfect_mirsky": perfect_mirsky(n), **({"karpelevich": karpelevich(n)} if n > 2 else {})}
    picture = spectral_plane(layers, regions, title=title)
    (out / f"spectra_n{n}.html").write_bytes(html(picture, {"Title": title}))
    print(f"wrote spectra_n{n}.html, sites_n{n}.csv and sites_n{n}.npz into {out}")


if __name__ == "__main__":
    sys.exit(main())
