"""What a run told, iteration by iteration, as arrays: of its metrics, of a training that is under way, of a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from networks.language_model.mixing import WINDOW, jitter
from networks.whole_files import parsed_lines
from projectors.checks import whole_number
from projectors.sizes import LARGEST_SIZE

MOST_SITES = 4096
"""Sites of a network that are read from a file."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class History:
    """k iterations, e of which the loss of held out text was taken at, and r the m sites with n streams looked at.

    `iterations`, `losses`, `gradients` (norms), `seconds`, `tokens` (k,); `evaluated_at` and `evaluated` (e,);
    `looked_at` (r,), and of the `sites` then: `matrices`, the mean H_res (r, m, n, n), `errors`, the largest of a row
    or column sum of any token, `from_identity`, `varies`, and the norm `site_gradients`, each (r, m). `samples` are
    what the network wrote, with the iteration.
    """

    iterations: NDArray[np.int64]
    losses: Numbers
    gradients: Numbers
    seconds: Numbers
    tokens: Numbers
    evaluated_at: NDArray[np.int64]
    evaluated: Numbers
    looked_at: NDArray[np.int64]
    sites: tuple[str, ...]
    matrices: Numbers
    errors: Numbers
    from_identity: Numbers
    varies: Numbers
    site_gradients: Numbers
    samples: tuple[tuple[int, str], ...] = ()

    @property
    def tokens_per_second(self) -> float:
        """The median over iterations, nan without any."""
        return float(np.median(self.tokens / np.maximum(self.seconds, 1e-9))) if len(self.tokens) else float("nan")

    @property
    def sums_off_by(self) -> float | None:
        """The largest error of a row or column sum at any time; None where there is nothing that mixes."""
        return float(self.errors.max()) if self.errors.size else None

    def jitter(self, window: int = WINDOW) -> Numbers:
        """Return the jitter of gradients (k - window + 1,), Fig. A18b; empty where there are fewer iterations."""
        return jitter(self.gradients.tolist(), window)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return everything as arrays by name, for `of_arrays`."""
        found = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}
        found["samples"] = np.array(json.dumps(self.samples))
        return found

    @staticmethod
    def of_arrays(arrays: Mapping[str, NDArray[Any]]) -> History:
        """What `arrays` gave -> the same again."""
        kept: dict[str, Any] = {field.name: arrays[field.name] for field in fields(History)}
        kept |= {name: each.astype(np.float64) for name, each in kept.items() if each.dtype.kind == "f"}
        kept["sites"] = tuple(str(name) for name in kept["sites"])
        kept["samples"] = tuple((int(at), str(text)) for at, text in json.loads(str(kept["samples"])))
        return History(**kept)


def history(lines: Iterable[Mapping[str, Any]]) -> History:
    """Lines of `metrics.jsonl` -> what they say. Raises ValueError for the first line that says something else."""
    steps: list[tuple[float, ...]] = []
    evaluated: list[tuple[int, float]] = []
    samples: list[tuple[int, str]] = []
    looked_at: list[int] = []
    names: tuple[str, ...] = ()
    matrices: list[Numbers] = []
    measured: list[list[list[float]]] = []
    before = 0
    for number, line in enumerate(lines, 1):
        try:
            before = whole_number(line["iteration"], "the iteration", before + 1, 2**40)
            steps.append((before, *(_real(line, name) for name in ("loss", "gradient", "seconds", "tokens"))))
            if "evaluated" in line:
                evaluated.append((before, _real(line, "evaluated")))
            if "sample" in line:
                samples.append((before, str(line["sample"])))
            if line.get("sites"):
                found = tuple(str(site["site"]) for site in line["sites"])
                if (names and names != found) or len(found) > MOST_SITES:
                    raise ValueError(f"sites must be the same ones throughout, {MOST_SITES:,} at most")
                matrices.append(_square(line["sites"], matrices[0].shape if matrices else None))
                measured.append([_measures(site) for site in line["sites"]])
                looked_at, names = [*looked_at, before], found
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
            why = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise ValueError(f"line {number:,} of the metrics is none of a run: {why[:200]}") from error
    of_steps = np.array(steps, np.float64).reshape(-1, 5).T
    of_losses = np.array(evaluated, np.float64).reshape(-1, 2).T
    of_sites = np.moveaxis(np.array(measured, np.float64).reshape(len(looked_at), len(names), 4), -1, 0)
    return History(
        iterations=of_steps[0].astype(np.int64),
        losses=of_steps[1],
        gradients=of_steps[2],
        seconds=of_steps[3],
        tokens=of_steps[4],
        evaluated_at=of_losses[0].astype(np.int64),
        evaluated=of_losses[1],
        looked_at=np.array(looked_at, np.int64),
        sites=names,
        matrices=np.stack(matrices) if matrices else np.zeros((0, 0, 0, 0)),
        errors=of_sites[0],
        from_identity=of_sites[1],
        varies=of_sites[2],
        site_gradients=of_sites[3],
        samples=tuple(samples),
    )


def lines(text: str) -> Iterable[dict[str, Any]]:
    """The text of a `metrics.jsonl` -> its lines, up to one at the end that was not written whole.

    Raises ValueError for any other line that is no object in JSON, and for none at all.
    """
    found = list(parsed_lines(text, "the metrics"))
    if not found:
        raise ValueError("the metrics are empty: not one iteration was done")
    return found


def _real(line: Mapping[str, Any], name: str) -> float:
    value = line[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} must be a number, not {value!r:.60}")
    return float(value)


def _square(sites: Any, shape: tuple[int, ...] | None) -> Numbers:
    found = np.array([site["matrix"] for site in sites], np.float64)
    if found.ndim != 3 or found.shape[1] != found.shape[2] or not 2 <= found.shape[1] <= LARGEST_SIZE:
        raise ValueError(f"matrices must be n x n with n from 2 to {LARGEST_SIZE}, not {found.shape[1:]}")
    if shape is not None and found.shape != shape:
        raise ValueError(f"matrices must be of one size, {shape[1:]}, not {found.shape[1:]}")
    return found


def _measures(site: Mapping[str, Any]) -> list[float]:
    """A site -> error of sums, distance from the identity, how it varies, and the norm of its gradient."""
    error = max(_real(site, "row_error"), _real(site, "column_error"), key=lambda value: (not isfinite(value), value))
    return [error, *(_real(site, name) for name in ("from_identity", "varies", "gradient"))]
