"""How to point at a picture: its link, and BibTeX for it and for the papers of the methods it shows."""

from __future__ import annotations

import re
from hashlib import blake2s
from urllib.parse import urlencode

import streamlit as st

from ui.link import links
from ui.take.taken import Taken

PAPERS = {
    "goMHC2026": (
        "go-mHC: Direct Parameterization of Manifold-Constrained Hyper-Connections via Generalized Orthostochastic "
        "Matrices",
        "T. Dandachi and S. Diggs-Galligan",
        "2604.02309",
    ),
    "mHC2025": ("mHC: Manifold-Constrained Hyper-Connections", "Z. Xie and others", "2512.24880"),
    "mHClite2026": ("mHC-lite: You Don't Need 20 Sinkhorn-Knopp Iterations", "Y. Yang and J. Gao", "2601.05732"),
    "KromHC2026": (
        "KromHC: Manifold-Constrained Hyper-Connections with Kronecker-Product Residual Matrices",
        "W. Zhou and Y. Gu and G. Iacovides and D. Mandic",
        "2601.21579",
    ),
}
"""Title, authors and arXiv number by the bibliography's key, which ends in the year."""

METHODS = {"mHC2025": r"(?<![\w-])mHC(?!-)", "mHClite2026": "mHC-lite", "KromHC2026": "KromHC"}
"""How the methods of the papers are written in a title."""


def expander(taken: Taken) -> None:
    """Draw the link to this very picture and its BibTeX, each with a button that copies it."""
    with st.expander("Link and citation"):
        st.code(address := link(), language=None, wrap_lines=True)
        st.code(bibtex(taken, address), language=None, wrap_lines=True)


def link() -> str:
    """The address of this page with its settings as they are."""
    base = (st.context.url or "").partition("?")[0]
    settings = urlencode(links.current())
    return f"{base}?{settings}" if settings else base or "/"


def bibtex(taken: Taken, address: str) -> str:
    """What is taken home, its address -> BibTeX of it, and of the papers that it rests on."""
    digest = blake2s(f"{address}\n{taken.title}".encode(), digest_size=4).hexdigest()  # a page may offer several
    own = _entry(
        f"birkhoff-explorer-{digest}",
        title=taken.title,
        howpublished="Birkhoff Explorer, an interactive explorer of the Birkhoff polytope",
        url=address,
    )
    shown = [key for key, written in METHODS.items() if re.search(written, taken.title)]
    return "\n\n".join([own, *map(_paper, ["goMHC2026", *shown])])


def _paper(key: str) -> str:
    title, authors, number = PAPERS[key]
    return _entry(key, title=title, author=authors, eprint=number, archivePrefix="arXiv", year=key[-4:])


def _entry(key: str, **fields: str) -> str:
    lines = "".join(f"  {name} = {{{_plain(text)}}},\n" for name, text in fields.items())
    return f"@misc{{{key},\n{lines}}}"


def _plain(text: str) -> str:
    """Text without what would end a field or mean something to TeX."""
    return re.sub(r"[{}\\\x00-\x1f]", "", text)
