"""Text to tokens and back, kept in a file; and what is wrong with a text is said in a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from networks.language_model.text import END, GPT2, Characters, Corpus, encoding, prepared
from tests.networks.language_model.small import text


def test_characters_come_back() -> None:
    words = "naïve 𝕏 — \n\tta"
    known = Characters.of([words])
    assert known.decode(known.encode(words).tolist()) == words
    assert encoding(known.described()) == known
    with pytest.raises(ValueError, match="11 characters, and 'z' is none"):
        known.encode("zeta")


def test_the_file_holds_the_text_and_is_used_again(tmp_path: Path) -> None:
    path = text(tmp_path)
    made = prepared(path, "characters", tmp_path / "tokens")
    everything = made.encoding.decode([*made.training.tolist(), *made.held_out.tolist()])
    assert everything == path.read_text() + "\n"
    assert len(made.held_out) == len(everything) // 10
    assert made.held_out_bytes == len(made.held_out)
    assert 0 < made.unigram_entropy() < np.log(made.encoding.size)
    before = (tmp_path / "tokens" / "tokens.bin").stat().st_ino
    assert prepared(path, "characters", tmp_path / "tokens").encoding == made.encoding
    assert (tmp_path / "tokens" / "tokens.bin").stat().st_ino == before
    path.write_text("another text, and not a short one")
    assert prepared(path, "characters", tmp_path / "tokens").encoding != made.encoding
    assert sorted(os.listdir(tmp_path / "tokens")) == ["tokens.bin", "tokens.json"]


def test_bytes_are_counted_in_utf_8(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("é" * 100)
    assert prepared(tmp_path / "a.txt", "characters", tmp_path / "t").bytes_per_token == pytest.approx(2, abs=0.2)


def test_a_folder_is_read_in_order(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.txt").write_text(name * 30)
    made = prepared(tmp_path, "characters", tmp_path / "tokens")
    assert made.encoding.decode(made.training.tolist()).startswith("a" * 30 + "\n" + "b" * 20)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"\xff\xfe\x00 not text", "is not UTF-8 text"), (b"ab", "20 tokens at least, not 3"), (b"", "from 2 to 65,536")],
)
def test_what_is_no_text_is_refused_and_leaves_nothing(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ValueError, match=sentence):
        prepared(tmp_path / "x", "characters", tmp_path / "tokens")
    assert not (tmp_path / "tokens").exists() or not list((tmp_path / "tokens").iterdir())


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no file or folder"):
        prepared(tmp_path / "no", "characters", tmp_path / "tokens")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"holds no \.txt files"):
        prepared(tmp_path / "empty", "characters", tmp_path / "tokens")
    assert Corpus.kept(tmp_path / "tokens") is None


def test_a_dataset_is_read_by_its_own_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyarrow import Table, parquet

    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "stories.parquet"
    parquet.write_table(Table.from_pydict({"text": ["Once upon a time.", "The end of it."]}), file)
    made = prepared(f"dataset:{file}", "characters", tmp_path / "tokens")
    whole = made.encoding.decode([*made.training.tolist(), *made.held_out.tolist()])
    assert whole == f"Once upon a time.\n{END}\nThe end of it.\n{END}\n"
    parquet.write_table(Table.from_pydict({"story": ["no text"]}), file)
    with pytest.raises(ValueError, match="must have a column text; it has story"):
        prepared(f"dataset:{file}", "characters", tmp_path / "tokens")


def test_gpt2_s_tokens_or_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its files they come back; without them, and without a network, it says where they would have to be."""
    import tiktoken

    letters = {bytes([byte]): byte for byte in range(256)}
    small = tiktoken.Encoding("small", pat_str=r"\S+|\s+", mergeable_ranks=letters, special_tokens={END: 256})
    monkeypatch.setattr(tiktoken, "get_encoding", lambda name: small)
    known = GPT2()
    assert known.encode(f"a{END}").tolist() == [97, 256]
    assert known.decode([97, 256, 50_300]) == f"a{END}"
    assert known.size == 50_304

    def offline(name: str) -> None:
        raise ConnectionError("no network")

    monkeypatch.setattr(tiktoken, "get_encoding", offline)
    with pytest.raises(ValueError, match="TIKTOKEN_CACHE_DIR"):
        GPT2().encode("a")
