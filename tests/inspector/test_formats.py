"""Every format gives the same matrices, however they are written; what is read lazily stays unread."""

import json
import re
from io import BytesIO
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io
import scipy.sparse
import torch
from safetensors.torch import save, save_file

import inspector
from inspector.formats import text
from projectors import Orthostochastic

MATRIX = np.array([[0.5, 0.25, 0.25], [0.5, 0.5, 0], [0, 0.25, 0.75]])
STACK = np.stack([np.eye(3), MATRIX])


class Unfamiliar:
    """An array of another library."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.eye(2)


def npz() -> bytes:
    held = BytesIO()
    np.savez_compressed(held, first=MATRIX, second=np.eye(3), words=np.array("not a number"), theta=np.arange(3.0))
    return held.getvalue()


def npy(array: Any = MATRIX) -> bytes:
    held = BytesIO()
    np.save(held, array)
    return held.getvalue()


def saved(held: Any) -> bytes:
    file = BytesIO()
    torch.save(held, file)
    return file.getvalue()


def pt() -> bytes:
    return saved({"layers.0.comb": torch.from_numpy(MATRIX), "weight": torch.arange(9.0).reshape(3, 3)})


def mtx(sparse: bool = True) -> bytes:
    held = BytesIO()
    scipy.io.mmwrite(held, scipy.sparse.coo_matrix(MATRIX) if sparse else MATRIX)
    return held.getvalue()


def cool(bins: int = 40, **instead: Any) -> bytes:
    """A contact map of all pixels, with others in place of some of its columns."""
    import h5py

    held = BytesIO()
    rows, columns = np.triu_indices(bins)
    pixels = {"bin1_id": rows, "bin2_id": columns, "count": 1 + (rows * 7 + columns * 3) % 11}
    with h5py.File(held, "w") as file:
        group = file.create_group("pixels")
        for name, numbers in (pixels | instead).items():
            group[name] = numbers
    return held.getvalue()


FILES: dict[str, bytes] = {
    "a.npz": npz(),
    "a.npy": npy(),
    "a.pt": pt(),
    "a.mtx": mtx(),
    "b.mtx": mtx(sparse=False),
    "a.safetensors": save({"layers.0.comb": torch.from_numpy(MATRIX), "weight": torch.arange(9.0).reshape(3, 3)}),
    "a.json": json.dumps({"m": MATRIX.tolist()}).encode(),
    "b.json": json.dumps(MATRIX.tolist()).encode(),
    "a.csv": b"a,b,c\n0.5,0.25,0.25\n0.5,0.5,0\n0,0.25,0.75\n",
    "b.csv": b",x,y,z\nx,0.5,0.25,0.25\ny,0.5,0.5,0\nz,0,0.25,0.75\n",
    "a.tsv": b"0.5\t0.25\t0.25\r\n0.5\t0.5\t0\r\n0\t0.25\t0.75\r\n",
    "a.txt": "\ufeff0.5 0.25 0.25\n0.5 0.5 0\n0 0.25 0.75".encode(),
    "b.txt": "0.5 0.25 0.25\n0.5 0.5 0\n0 0.25 0.75".encode("utf-16"),
}
"""One file of each kind, all with the same matrix first."""


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same_matrix(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name])
    named = BytesIO(FILES[name])
    named.name = name
    for source in (path, str(path), named):
        assert np.array_equal(inspector.open(source)[0].matrix.numpy(), MATRIX)
    if name.endswith((".pt", ".safetensors")):
        assert len(inspector.open(path)) == 1  # a checkpoint's weights are not mixing matrices


def test_what_is_in_memory_is_taken_as_it_is() -> None:
    for source in (MATRIX, torch.from_numpy(MATRIX), {"m": MATRIX}, {"m": MATRIX.tolist()}, {"a": {"b": MATRIX}}):
        assert np.array_equal(inspector.open(source)[0].matrix.numpy(), MATRIX)
    assert [site.name for site in inspector.open(STACK)] == ["matrix.0", "matrix.1"]
    tokens = inspector.open(np.broadcast_to(MATRIX, (2, 5, 3, 3)))
    assert [site.matrix.shape for site in tokens] == [(5, 3, 3), (5, 3, 3)]


def test_numbers_of_every_kind_are_read() -> None:
    permutation = np.eye(3)[[1, 0, 2]]
    for dtype in ("float32", "float64", "float16", ">f8", "<f4", "int64", "uint8", "bool"):
        (site,) = inspector.open(BytesIO(npy(permutation.astype(dtype))))
        assert np.array_equal(site.matrix.numpy(), permutation)
    for kind in (torch.bfloat16, torch.float16, torch.float32, torch.float8_e4m3fn):
        held = {"m": torch.from_numpy(permutation).to(kind), "n": torch.from_numpy(permutation).to(kind)}
        for file in (save(held), saved(held)):
            site, _ = inspector.open(BytesIO(file))
            assert np.array_equal(site.matrix.numpy(), permutation)
            assert any("Stored in" in warning for warning in site.warnings) == (kind != torch.float32)
    (site,) = inspector.open(saved({"m": torch.eye(3), "counts": torch.zeros(2).to(torch.uint16)}))
    assert np.array_equal(site.matrix.numpy(), np.eye(3))
    with pytest.raises(ValueError, match="square matrices"):
        inspector.open(BytesIO(npy(np.eye(3, dtype=complex))))


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        (np.eye(2), "NumPy arrays; save those with numpy.savez"),
        (torch.eye(2).to_sparse(), "sparse, quantized"),
        (torch.nn.Buffer(torch.eye(2)), "tensors with attributes"),
        (object, "Python objects run code"),
    ],
)
def test_what_a_checkpoint_may_not_hold_is_named_truly(beside: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        inspector.open(saved({"m": torch.eye(3), "beside": beside}))


def test_shards_are_found_by_their_index_and_must_lie_beside_it(tmp_path: Path) -> None:
    for number in range(2):
        save_file({f"h.{number}.mix": torch.from_numpy(MATRIX)}, tmp_path / f"part{number}.safetensors")
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"h.0.mix": "part0.safetensors", "h.1.mix": "part1.safetensors"}}))
    for source in (tmp_path, index):
        assert [site.layer for site in inspector.open(source)] == [0, 1]
    index.write_text(json.dumps({"weight_map": {"h.0.mix": "../secret.safetensors"}}))
    with pytest.raises(ValueError, match="must name files beside it"):
        inspector.open(index)


def test_a_folder_is_read_without_what_lies_beside_the_model(tmp_path: Path) -> None:
    for size in (2, 3):
        np.save(tmp_path / f"of_{size}.npy", np.eye(size))
    assert [site.name for site in inspector.open(tmp_path)] == ["of_2.npy: array", "of_3.npy: array"]
    torch.save({"args": object}, tmp_path / "training_args.bin")
    assert len(inspector.open(tmp_path)) == 2
    save_file({"h.0.mix": torch.from_numpy(MATRIX)}, tmp_path / "checkpoint.safetensors")
    save_file({"h.0.mix": torch.from_numpy(MATRIX)}, tmp_path / "model.safetensors")
    assert [site.name for site in inspector.open(tmp_path)] == ["h.0.mix"]


def test_json_is_told_from_what_begins_like_it(tmp_path: Path) -> None:
    for name, told in {
        "m.json": '{"net": {"a": [[0.5, 0.5], [0.5, 0.5]]}}',
        "m.txt": json.dumps({"layer.0": [[0.5, 0.5], [0.5, 0.5]]}, indent=2),
        "m.tex": r"\[\begin{pmatrix}1/2 & 1/2\\1/2&1/2\end{pmatrix}\]",
    }.items():
        (tmp_path / name).write_text(told)
        for site in (inspector.open(tmp_path / name)[0], inspector.parse(told)[0]):
            assert site.matrix.tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert inspector.parse((tmp_path / "m.txt").read_text())[0].name == "layer.0"


@pytest.mark.parametrize(
    "given",
    [
        {"m": [torch.nn.Parameter(torch.eye(2)), torch.nn.Parameter(torch.eye(2))]},
        {"m": np.eye(2, dtype=np.longdouble)},
        {"m": Unfamiliar()},
    ],
)
def test_lists_of_parameters_and_long_numbers_are_read(given: dict[str, object]) -> None:
    assert inspector.open(given)[0].matrix.tolist() == [[1, 0], [0, 1]]


@pytest.mark.filterwarnings("ignore:Sparse CSR")
def test_numbers_that_are_not_in_the_open_are_said_to_be() -> None:
    for tensor in (torch.eye(2).to_sparse_csr(), torch.eye(2, device="meta")):
        with pytest.raises(ValueError, match="real numbers in the open"):
            inspector.open({"m": tensor})


def test_layers_of_layers_follow_each_other_by_their_numbers() -> None:
    names = [f"net.1.{k}" for k in range(12)]
    sites = inspector.open(dict.fromkeys(sorted(names), MATRIX))
    assert [site.name for site in sites] == names
    assert inspector.stacks(sites)["net"].names == tuple(names)
    assert inspector.stacks(inspector.open({"1": MATRIX, "0": MATRIX}))["layers"].names == ("0", "1")


def test_a_projector_saved_beside_its_theta_does_no_harm() -> None:
    held = BytesIO()
    torch.save({"projector": Orthostochastic(3, 1), "m": torch.from_numpy(MATRIX)}, held)
    assert len(inspector.open(held.getvalue())) == 1


def test_contact_maps_are_cut_to_a_corner_and_balanced() -> None:
    (site,) = inspector.open(cool())
    assert site.n == 32
    assert max(site.row_error, site.column_error) < 1e-11


@pytest.mark.parametrize(
    ("instead", "sentence"),
    [
        ({"bin1_id": [-1, 0, 1]}, "bin1_id holds -1"),
        ({"bin2_id": [-500, 1, 1]}, "bin2_id holds -500"),
        ({"bin1_id": [0.0, 0.0, 1.0]}, "bin1_id is float64"),
        ({"bin1_id": [0, 0]}, "of 2, 3 and 3 pixels"),
        ({"count": [[1], [1], [1]]}, "count is int64 of shape (3, 1)"),
        ({"count": [1.0, np.inf, 1.0]}, "count holds inf"),
        ({"count": np.array([b"a"] * 3)}, "count is |S1"),
        ({"bin1_id": [0, 0, 0], "bin2_id": [0, 1, 2], "count": [1, 1, 1]}, "contacts enough"),
    ],
)
def test_contact_maps_that_are_none_get_a_sentence(instead: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match="must (hold|have).*" + re.escape(sentence)):
        inspector.open(cool(2, **instead))


def test_tensors_that_nobody_asks_for_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from inspector.formats import safetensors_files

    path = tmp_path / "a.safetensors"
    save_file(
        {
            "layers.0.attn_hc.base": torch.zeros(24),
            "layers.0.attn_hc.scale": torch.ones(3),
            "layers.0.attn_hc.fn": torch.zeros(24, 64),
            "huge": torch.zeros(1000),
        },
        path,
    )
    read, original = [], safetensors_files._read
    monkeypatch.setattr(safetensors_files, "_read", lambda path, name: read.append(name) or original(path, name))
    assert len(inspector.open(path)) == 1
    assert read == ["layers.0.attn_hc.base"]


def test_a_stack_of_matrices_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from inspector.formats import numpy_files

    np.savez(tmp_path / "a.npz", stack=np.stack([MATRIX] * 50))
    read, original = [], numpy_files._tensor
    monkeypatch.setattr(numpy_files, "_tensor", lambda file, name: read.append(name) or original(file, name))
    assert len(inspector.open(tmp_path / "a.npz")) == 50
    assert len(read) == 1


PASTED = {
    "fractions": "1/2 1/4 1/4\n1/2, 1/2, 0\n0 1/4 3/4",
    "Python": "[[0.5, 0.25, .25], [0.5, 0.5, 0], [0, 0.25, 0.75]]",
    "NumPy": "array([[0.5 , 0.25, 0.25],\n       [0.5 , 0.5 , 0.  ],\n       [0.  , 0.25, 0.75]])",
    "NumPy printed": "[[0.5  0.25 0.25]\n [0.5  0.5  0.  ]\n [0.   0.25 0.75]]",
    "PyTorch": "tensor([[0.5000, 0.2500, 0.2500],\n  [0.5000, 0.5000, 0.0000],\n  [0, .25, .75]], dtype=torch.half)",
    "MATLAB": "A = [0.5 0.25 0.25; 0.5 0.5 0; 0 0.25 0.75];",
    "MATLAB in lines": "[1/2 1/4 1/4\n 1/2 1/2 0\n 0 1/4 3/4]",
    "LaTeX": r"\begin{pmatrix} \frac12 & \frac{1}{4} & 1/4 \\ 0.5 & \tfrac{1}{2} & 0 \\ 0 & 0.25 & 0.75 \end{pmatrix}",
    "LaTeX array": (
        "\\left(\\begin{array}{ccc}\n0.5 & 0.25 & 0.25 \\\\ \\hline\n"
        "0.5 & 0.5 & 0 \\\\[2pt]\n0 & 0.25 & 0.75\n\\end{array}\\right)"
    ),
    "Mathematica": "{{1/2, 1/4, 1/4}, {1/2, 1/2, 0}, {0, 1/4, 3/4}}",
    "rows in brackets": "[0.5, 0.25, 0.25]\n[0.5, 0.5, 0]\n[0, 0.25, 0.75]",
    "Markdown": "| 0.5 | 0.25 | 0.25 |\n| 0.5 | 0.5 | 0 |\n| 0 | 0.25 | 0.75 |",
    "with comments": "# mixing\n0.5 0.25 0.25  # first\n0.5 0.5 0\n0 0.25 0.75\n",
    "scientific": "5e-1 2.5E-01 .25\n+.5 0.5 -0\n0 0.25 0.75",
    "JSON": '{"m": [[0.5, 0.25, 0.25], [0.5, 0.5, 0], [0, 0.25, 0.75]]}',
}


@pytest.mark.parametrize("notation", PASTED)
def test_pasted_text_is_understood(notation: str) -> None:
    (site,) = inspector.parse(PASTED[notation])
    assert np.array_equal(site.matrix.numpy(), MATRIX)


@pytest.mark.parametrize(
    "several",
    [
        "1 0\n0 1\n\n0 1\n1 0",
        "[[[1,0],[0,1]],[[0,1],[1,0]]]",
        "[1 0; 0 1]\n[0 1; 1 0]",
        "A=[[1,0],[0,1]]\nB=[[0,1],[1,0]]",
    ],
)
def test_several_matrices_are_told_apart(several: str) -> None:
    first, second = inspector.parse(several)
    assert torch.equal(first.matrix, torch.eye(2).double())
    assert torch.equal(second.matrix, torch.eye(2).roll(1, 0).double())


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("", "must hold rows of numbers"),
        ("hello", "begins with 'hello'"),
        ("1 2\n3", "row 0 has 2 numbers and row 1 has 1"),
        ("[[1,2],[3", "close every bracket"),
        ("1,2]]", "must not close a bracket"),
        ("1 x\n2 3", "'x' in the line '1 x' is none"),
        ("1/0 1\n1 1", "divides by zero"),
        (r"\begin{pmatrix}1&\frac{}{2}\\1&1\end{pmatrix}", "'/2' in the line"),
        ("[" * 50, "deeper than 6"),
        ("1 2 3\n4 5 6", "square matrices"),
        ("nan nan\nnan nan", "finite numbers"),
        ("1" * 10_000, "10,000 letters"),
        ("0 " * 10_000, "4,096 numbers in a row"),
    ],
)
def test_text_that_is_no_matrix_gets_a_sentence(pasted: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence.replace("(", r"\(")):
        inspector.parse(pasted)


@pytest.mark.parametrize(
    "hostile",
    [
        "\\begin{matrix}" * 20_000,
        "a." * 100_000 + "[",
        "1_" * 100_000,
        "{" * 100_000,
        "[1," * 100_000,
        "1 2\n3" + " " * 200_000,
        "1 2\n3" + "\n" * 50_000 + "4",
        "1\r" * 100_000,
        "\\begin{pmatrix}1&0\\\\0&1\\frac{" + " " * 200_000,
        "[[1, 0], [0, 1]]" + " )" * 90 + " x",
        "\\begin{pmatrix}1&0\\\\0&1\\end{pmatrix}" + "\u2028)" * 90 + " x",
    ],
)
def test_no_text_takes_long(hostile: str) -> None:
    """Not timed: each of these would take hours, were the reading quadratic with a search at every place, or worse."""
    with pytest.raises(ValueError, match="must"):
        text.read(hostile * 5)


UNREADABLE: list[tuple[object, str]] = [
    *((source, "wants") for source in (None, 3, 3.5, object(), ["a"])),
    *((source, "there is no file") for source in ("", "no such file", Path("/nonexistent/x.pt"))),
    (np.array([[0.5, 0.5], [0.5, 0.5]], dtype=object), "real numbers.*, not object"),
    (np.eye(2) * 1j, "real numbers.*, not complex128"),
    (torch.nested.nested_tensor([torch.ones(2), torch.ones(1)], layout=torch.jagged), "one length, not nested"),
    ({"m": torch.nested.nested_tensor([torch.ones(2), torch.ones(1)], layout=torch.jagged)}, "must hold square"),
]


@pytest.mark.parametrize(("source", "sentence"), UNREADABLE)
def test_what_cannot_be_opened_gets_a_sentence(source: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        inspector.open(source)


def test_what_numpy_masks_is_nan() -> None:
    masked = np.ma.masked_array(np.eye(2), mask=[[True, False], [False, False]])
    for source in (masked, {"m": masked}):
        (site,) = inspector.open(source)
        assert site.matrix.isnan().tolist() == masked.mask.tolist()


@pytest.mark.parametrize(
    "settings",
    [
        {"iterations": 0},
        {"iterations": 2.5},
        {"epsilon": -1},
        {"temperature": 0},
        {"layout": "x"},
        {"projector": "go-mHC"},
        {"transposed": 1},
        {"most": 0},
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        inspector.open(MATRIX, **settings)


@pytest.mark.parametrize(
    ("key", "said"),
    [*(("sinkhorn_iters", said) for said in (-3, 0, 10**9, 20.5)), ("sinkhorn_tau", 0.5e-7), ("sinkhorn_tau", inf)],
)
def test_a_configuration_out_of_range_is_named(key: str, said: float) -> None:
    with pytest.raises(ValueError, match="configuration says sinkhorn_"):
        inspector.open({"h.0.H_res_logits": np.zeros((3, 3)), "config": {key: said}})
