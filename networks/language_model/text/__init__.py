"""Text as tokens: where it comes from, how it is encoded, and what is kept of it."""

from networks.language_model.text.corpus import Corpus, in_memory, prepared
from networks.language_model.text.encodings import END, GPT2, Characters, Encoding, Tokens, encoding
from networks.language_model.text.sources import PLAYS, pieces, plays

__all__ = [
    "END",
    "GPT2",
    "PLAYS",
    "Characters",
    "Corpus",
    "Encoding",
    "Tokens",
    "encoding",
    "in_memory",
    "pieces",
    "plays",
    "prepared",
]
