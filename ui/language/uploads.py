"""Files that a reader brings for one purpose: kept for this visit, whatever page is looked at meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.own.source import PRIVATE, listed
from ui.own.visit import visit


def uploaded(purpose: str, label: str, kinds: Sequence[str], help: str, *, several: bool = True) -> dict[str, bytes]:
    """Purpose, label, endings of names -> the files by name; draws the uploader and what is kept."""
    kept, number = visit().others, st.session_state.setdefault(f"_uploads_{purpose}", 0)
    key = f"_{purpose}_{number}"

    def take() -> None:
        """Keep what is chosen now: on another page the widget forgets it."""
        chosen = st.session_state[key]
        files = chosen if isinstance(chosen, list) else [chosen] if chosen is not None else []
        kept[purpose] = {file.name: file.getvalue() for file in files}

    def forget() -> None:
        kept.pop(purpose, None)
        visit().forget_results()
        st.session_state[f"_uploads_{purpose}"] = number + 1

    st.file_uploader(label, list(kinds), accept_multiple_files=several, key=key, on_change=take, help=help)
    files = dict(kept.get(purpose, {}))
    if files:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Files: {listed(list(files))}", width="content")
            st.button("Forget them", key=f"_forget_{purpose}", on_click=forget)
    st.caption(PRIVATE)
    return files
