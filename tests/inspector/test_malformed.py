"""Uploads that are damaged or hostile: a sentence for each, no other exception, and no memory to speak of."""

import copy
import io
import json
import pickle
import resource
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save

from projectors.recipes import from_recipe
from tests.inspector.test_formats import FILES, cool, npy

ROOT = Path(__file__).parents[2]
MOST_BYTES = 700 * 2**20
"""Of growth over all uploads together: what was read stays small, and what was not is never allocated."""


def bomb(name: str, size: int = 2**28) -> bytes:
    held = io.BytesIO()
    with (
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as part,
    ):
        for _ in range(size // 2**20):
            part.write(bytes(2**20))
    return held.getvalue()


def header(shape: str, dtype: str = "<f8") -> bytes:
    """An .npy header of this shape, with nothing behind it."""
    told = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(told) + 1) + told + b"\n"


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return held.getvalue()


def overlapping(data: bytes, times: int) -> bytes:
    """An archive whose directory names one member many times."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("0.npy", data)
        first = archive.infolist()[0]
        for number in range(1, times):
            again = copy.copy(first)
            again.filename = f"{number}.npy"
            archive.filelist.append(again)
    return held.getvalue()


def nested(width: int, depth: int) -> list[object]:
    """A list of width^depth numbers that holds so few lists as it is deep."""
    rows: list[object] = [0.0] * width
    for _ in range(depth - 1):
        rows = [rows] * width
    return rows


def endless() -> list[object]:
    rows: list[object] = []
    rows.append(rows)
    return rows


COSTLY = [
    ("Orthostochastic(n=64, s=32)", 13),
    ("IteratedOrthostochastic(n=2, steps=1000)", 401),
    (f"Kronecker(factors=({'Sinkhorn(n=2, iterations=10000), ' * 6}))", 7),
    ("Mixture(projector=" * 80 + "Identity(n=2)" + ", k=1000000000, weights=None)" * 80, 1),
]
"""Recipes that fit into a few bytes, and how many sites of each take longer than anybody may."""

UNTYPED = b"ctorch.storage\nUntypedStorage\n"

LITE = {
    "static_alpha": torch.zeros(8 + 40_320),
    "static_beta": torch.zeros(8),
    "dynamic_alpha_fn": torch.zeros(1, 1),
    "residual_scale": torch.ones(1),
}


def projected(recipe: str, count: int) -> dict[str, torch.Tensor]:
    """Sites of a projector whose parameters are one number."""
    try:
        size = from_recipe(recipe).parameter_count
        theta = torch.zeros(1).expand(size)
    except (ValueError, RuntimeError, OverflowError):  # more than a tensor can name
        theta = torch.zeros(1)
    text = torch.tensor(list(recipe.encode()), dtype=torch.uint8)
    parts = {"theta": theta, "recipe.text": text}
    return {f"h.{k}.{name}": value for k in range(count) for name, value in parts.items()}


class Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (eval, ("__import__('os').abort()",))


class Large:
    def __reduce__(self) -> tuple[object, tuple[int]]:
        return (bytearray, (10**12,))


def pickled(held: object) -> bytes:
    file = io.BytesIO()
    torch.save(held, file)
    return file.getvalue()


def crafted() -> dict[str, bytes]:
    """Uploads by what is wrong with them; the endings count."""
    deep = "[" * 100_000 + "]" * 100_000
    shared: dict[str, object] = {"m": torch.eye(2)}
    for _ in range(14):
        shared = {"a": shared, "b": shared, "c": shared, "d": shared}
    return {
        "empty.csv": b"",
        "blank.txt": b" \n\t ",
        "zeros.npy": bytes(1000),
        "page.html": b"<!DOCTYPE html><html></html>",
        "page.safetensors": b"<html><body>Access denied</body></html>",
        "not text.txt": bytes(range(128, 256)) * 20,
        "length.safetensors": struct.pack("<Q", 2**63) + b"{}",
        "length2.safetensors": struct.pack("<Q", 2**62) + b"{",
        "length3.safetensors": struct.pack("<Q", 10) + b"{",
        "no json.safetensors": struct.pack("<Q", 5) + b"{abc}",
        "deep.safetensors": struct.pack("<Q", 200_000) + deep.encode(),
        "deep.json": deep.encode(),
        "offsets.safetensors": (
            told := json.dumps({"m": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 16]}}).encode(),
            struct.pack("<Q", len(told)) + told + bytes(16),
        )[1],
        "negative.safetensors": (
            told := json.dumps({"m": {"dtype": "F32", "shape": [-2, -2], "data_offsets": [0, 16]}}).encode(),
            struct.pack("<Q", len(told)) + told + bytes(16),
        )[1],
        "huge shape.npy": header("(1000000000, 64, 64)"),
        "huge.npy": header("(64, 64)"),
        "shape.npy": header("(2**70, 3, 3)"),
        "objects.npy": npy(np.array([[1, None], [2, 3]], dtype=object)),
        "texts.npy": npy(np.array([["a", "b"], ["c", "d"]])),
        "code.npy": header("__import__('os').abort()"),
        "dates.npy": npy(np.zeros((2, 2), "M8[s]")),
        "complex.npy": npy(np.eye(3) * 1j),
        "empty2.npy": npy(np.zeros((0, 0))),
        "one.npy": npy(np.zeros((1, 1))),
        "many.npy": npy(np.zeros((5000, 2, 2), np.uint8)),
        "large.npy": npy(np.zeros((65, 65), np.uint8)),
        "nan.npy": npy(np.full((3, 3), np.nan)),
        "inf.npy": npy(np.full((3, 3), np.inf)),
        "long header.npy": b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + b"{" * 1000,
        "bomb.npz": bomb("a.npy"),
        "bomb.pt": bomb("archive/data.pkl"),
        "bomb2.npz": zipped({"a.npy": bomb("b.npy", 2**22)}),
        "other.zip": zipped({"readme.txt": b"hello"}),
        "script.pt": zipped({"m/data.pkl": b"", "m/code/x.py": b"print()"}),
        "two.pt": zipped({"a/data.pkl": b"", "b/data.pkl": b""}),
        "no pickle.pt": zipped({"a/data.pkl": b"nonsense"}),
        "harmful.pt": pickled({"m": Harmful()}),
        "large.pt": pickled({"m": Large()}),
        "list.pt": pickled([1, 2]),
        "module.pt": pickled(torch.nn.Linear(2, 2)),
        "number.pt": pickled(3),
        "shared.pt": pickled(shared),
        "harmful.pkl": pickle.dumps(Harmful()),
        "plain.pkl": pickle.dumps({"m": np.eye(3)}),
        "protocol0.pkl": pickle.dumps({}, 0),
        "named.pt": b"not a checkpoint at all",
        "sparse.pt": pickled({"m": torch.eye(3).to_sparse()}),
        "complex.pt": pickled({"m": torch.eye(3) * 1j}),
        "called.pt": zipped({"a/data.pkl": b"\x80\x02" + UNTYPED + b"\x8a\x05\x00\x00\x00\x00\x01\x85R."}),
        "kept.pt": zipped({"a/data.pkl": b"\x80\x02" + UNTYPED + b"q\x00X\x01\x00\x00\x00a\x86h\x00K\x05\x85R."}),
        "quantized.pt": zipped({"a/data.pkl": b"\x80\x02ctorch._utils\n_rebuild_qtensor\n."}),
        "wide.csv": b"0," * 10**6,
        "tall.csv": b"0\n" * 10**6,
        "ragged.csv": b"1,2\n3\n",
        "words.csv": b"a,b\nc,d\n",
        "half.csv": b"1,0\n0,x\n",
        "zero.csv": b"1/0,1\n1,1\n",
        "long.csv": b"1" * 10**6,
        "quotes.csv": b'"1","0"\n"0","1',
        "nul.txt": b"1 0\n0 1\0",
        "number.json": b"3",
        "word.json": b'"matrix"',
        "ragged.json": b'{"m": [[1, 2], [3]]}',
        "objects.json": b'{"m": [[{}, 1], [1, 2]]}',
        "digits.json": b'{"m": [[' + b"9" * 10**5 + b", 0], [0, 1]]}",
        "cut.json": b'{"m": [[1, 0], [0,',
        "nan.json": b'{"m": [[NaN, NaN], [NaN, NaN]]}',
        "keys.json": b"{" + b",".join(b'"%d": [[1,0],[0,1]]' % k for k in range(5000)) + b"}",
        "huge.mtx": b"%%MatrixMarket matrix coordinate real general\n1000000000 1000000000 1\n1 1 1.0\n",
        "wide.mtx": b"%%MatrixMarket matrix array real general\n2 100000000\n1\n",
        "cut.mtx": b"%%MatrixMarket matrix array real general\n3 3\n1\n",
        "words.mtx": b"%%MatrixMarket matrix coordinate pattern hello\n",
        "complex.mtx": b"%%MatrixMarket matrix coordinate complex general\n2 2 1\n1 1 1.0 2.0\n",
        "outside.mtx": b"%%MatrixMarket matrix coordinate real general\n2 2 1\n9 9 1.0\n",
        "magic.mtx": b"%%MatrixMarket",
        "magic.cool": b"\x89HDF\r\n\x1a\n" + bytes(100),
        "streams.safetensors": save(
            {"layers.0.hc_attn_base": torch.zeros(2 * 10**6), "layers.0.hc_attn_scale": torch.zeros(2)}
        ),
        "names of one list.pt": pickled(dict.fromkeys(map(str, range(100_000)), [0] * 300_000)),
        "sharing.pt": pickled({"m": nested(4, 20)}),
        "wide.pt": pickled({"m": [[0.0] * 2**15] * 2**15}),
        "itself.json.pt": pickled({"m": endless()}),
        "repeated.pt": pickled(
            {"layers.0.hc_attn_base": torch.zeros(1).expand(11180 * 11182), "layers.0.hc_attn_scale": torch.zeros(3)}
        ),
        "many.npz": zipped({f"{k}.npy": npy(np.zeros((160, 80))) for k in range(2000)}, zipfile.ZIP_DEFLATED),
        "overlapping.npz": overlapping(npy(np.zeros((800, 800))), 100),
        "twice.npz": zipped({"a.npy": npy(np.eye(2)), "b.npy": npy(np.eye(2))}).replace(b"b.npy", b"a.npy"),
        "upper.mtx": b"%%MatrixMarket matrix coordinate real symmetric\n2 2 3\n1 1 .5\n1 2 .5\n2 2 .5\n",
        "oblong.mtx": b"%%MatrixMarket matrix coordinate real symmetric\n2 3 1\n1 1 .5\n",
        "logits.pt": pickled({"H_res_logits": torch.zeros(2000, 2000)}),
        "lines.txt": b"1 0\n" * 400_000,
        "empty.gz": b"\x1f\x8b" + bytes(30),
        "names.safetensors": (
            told := json.dumps(
                {f"{k}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for k in range(100_000)}
            ).encode(),
            struct.pack("<Q", len(told)) + told,
        )[1],
        **{f"{number}.pt": pickled(projected(recipe, count)) for number, (recipe, count) in enumerate(COSTLY)},
        "lite.pt": pickled({f"h.{k}.{name}": value for k in range(900) for name, value in LITE.items()}),
    }


def uploads() -> list[tuple[str, bytes]]:
    """Crafted ones, and good files cut short, with bytes changed, and under each other's names."""
    rng = np.random.default_rng(0)
    found = list(crafted().items())
    good = {**FILES, "a.cool": cool()}
    for name, data in good.items():
        found += [(name, data[: len(data) * k // 12]) for k in range(1, 12)]
        for _ in range(18):
            damaged = bytearray(data)
            for place in rng.integers(0, len(data), 1 + len(data) // 200):
                damaged[place] = rng.integers(256)
            found.append((name, bytes(damaged)))
        other = list(good)[int(rng.integers(len(good)))]
        found += [(other, data), (name, bytes(reversed(data))), (name, data + data)]
    return found


def run() -> None:
    """In a process of its own: open all of them, and say what became of each."""
    import inspector
    from inspector.uploads import uploaded

    given = uploads()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    complaints, sentences = [], []
    for name, data in given:
        try:
            for site in uploaded({name: data}, inspector.Settings()):
                inspector.measures(site.matrix)
        except ValueError as error:
            sentences.append([name, str(error)])
        except BaseException as error:
            complaints.append(f"{name}: {error!r}")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    print(json.dumps([len(given), complaints, sentences, grown]))


def test_five_hundred_bad_uploads() -> None:
    program = "from tests.inspector import test_malformed; test_malformed.run()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=600
    )
    assert done.returncode == 0, done.stderr[-2000:]
    count, complaints, sentences, grown = json.loads(done.stdout)
    assert complaints == []
    assert count >= 500
    assert grown < MOST_BYTES
    refused = {name for name, _ in sentences}
    assert refused >= {*crafted()} - {"nul.txt"}, {*crafted()} - refused
    for name, sentence in sentences:
        assert len(sentence) < 600, (name, sentence)
        assert "\n" not in sentence, (name, sentence)
        assert any(
            word in sentence
            for word in (
                "must",
                "at most",
                "cannot",
                "is a web page",
                "is empty",
                "unpack",
                "divides",
                "goes beyond",
                "would",
                "opens",
                "closes",
                "needs",
            )
        ), (name, sentence)


def test_what_a_configuration_asks_for_is_bounded() -> None:
    from inspector import Settings
    from inspector.uploads import uploaded

    parts = {"base": 24, "scale": 3}
    state = {f"layers.{k}.hc_attn_{part}": torch.zeros(size) for k in range(50) for part, size in parts.items()}
    files = {"model.safetensors": save(state), "config.json": b'{"hc_sinkhorn_iters": 10000}'}
    with pytest.raises(ValueError, match="at most 400,000 Sinkhorn iterations"):
        uploaded(files, Settings())
    assert len(uploaded(files, Settings(iterations=20))) == 50
    with pytest.raises(ValueError, match="at most 64 MB"):
        uploaded({"a.npy": bytes(2**26), "b.npy": b"1"}, Settings())
    with pytest.raises(ValueError, match="alone holds no matrices"):
        uploaded({"config.json": b"{}"}, Settings())
