"""What language models came to: a table, and what they write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from ui.language.told import Told
from ui.link import links
from ui.own.visit import visit
from ui.tables import draw_table

if TYPE_CHECKING:
    from networks.language_model.history import History

MOST_BESIDE = 3
"""Texts that stand side by side."""

LONGEST = 600
"""Characters of a text that are shown."""

OWN_PAGE = "pages/your_matrices.py"


def table(runs: Mapping[str, Told]) -> None:
    """Draw the numbers of every run, a row each."""
    rows = [
        {
            "Method": label,
            "Parameters": run.row.parameters if run.row else None,
            "Held out, nats": run.row.loss if run.row else _last(run.history),
            "Bits a byte": run.row.bits_per_byte if run.row else None,
            "Sums off by, at most": run.history.sums_off_by,
            "Jitter": float(rough[len(rough) // 2 :].mean()) if len(rough := run.history.jitter()) else None,
            **({} if run.row else {"Tokens a second": round(run.history.tokens_per_second)}),
            "Iterations": run.step,
        }
        for label, run in runs.items()
    ]
    empty = {name for name in rows[0] if all(row.get(name) is None for row in rows)}
    rows = [{name: value for name, value in row.items() if name not in empty} for row in rows]
    number = st.column_config.NumberColumn
    draw_table(
        rows,
        column_config={
            "Held out, nats": number(format="%.4f", help="Mean loss of a token of text that was not trained on."),
            "Bits a byte": number(format="%.4f"),
            "Parameters": number(format="localized"),
            "Sums off by, at most": number(
                format="%.0e", help="Largest error of a row or column sum of H_res, at any look, of any token."
            ),
            "Jitter": number(
                format="%.3f", help="Standard deviation over mean of gradient norms in windows of 100, second half."
            ),
            "Tokens a second": number(format="localized", help="Median over iterations, on the machine that trained."),
        },
        height="content",
    )


def _last(told: History) -> float | None:
    return float(told.evaluated[-1]) if len(told.evaluated) else None


def writing(runs: Mapping[str, Told]) -> None:
    """Draw what the runs wrote on their way, side by side."""
    telling = {label: run for label, run in runs.items() if run.history.samples}
    if not telling:
        return
    st.header("What they write")
    labels = list(telling)
    chosen = labels[:2]
    if len(labels) > MOST_BESIDE:
        usual = [label for label in ("residual", "go-mHC, s = 2") if label in labels] or labels[:2]
        chosen = st.multiselect("Of", labels, usual, max_selections=MOST_BESIDE, key="_lm_writers")
    if not chosen:
        return
    for column, label in zip(st.columns(len(chosen)), chosen, strict=True):
        with column:
            samples = dict(telling[label].history.samples)
            st.caption(label)
            at = list(samples)[-1]
            if len(samples) > 1:
                at = st.select_slider(
                    "After iteration", list(samples), at, format_func=lambda step: f"{step:,}", key=f"_lm_said_{label}"
                )
            st.code(samples.get(at, "")[:LONGEST], language=None, wrap_lines=True)


def growing(runs: Mapping[str, Told]) -> None:
    """Draw the last that each run wrote, while it trains."""
    for column, (label, run) in zip(st.columns(max(1, len(runs))), runs.items(), strict=False):
        if run.history.samples:
            at, text = run.history.samples[-1]
            column.caption(f"{label}, after iteration {at:,}")
            column.code(text[:LONGEST], language=None, wrap_lines=True)


def take_run(runs: Mapping[str, Told]) -> None:
    """Offer the folders of runs that were trained here, and a look at their weights."""
    whole = {label: run for label, run in runs.items() if run.files}
    for label, run in whole.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{label}**", width="content")
            st.download_button(
                "The run as a folder",
                lambda run=run: zipped(run.files),  # type: ignore[misc]
                f"run_{''.join(letter if letter.isalnum() else '-' for letter in label)}.zip",
                "application/zip",
                key=f"_zip_{label}",
                help="settings.json, metrics.jsonl and model.safetensors, which *a run of yours* reads. Unpacked, "
                "python -m networks.language_model sample FOLDER lets it write on.",
                on_click="ignore",
            )
            weights = {name: content for name, content in run.files.items() if name.endswith(".safetensors")}
            if weights and run.history.sites and st.button("Its weights on Your matrices", key=f"_weights_{label}"):
                visit().files = weights
                st.switch_page(OWN_PAGE, query_params={**links.current(), "own": "files"})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Files by name -> a ZIP of them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
