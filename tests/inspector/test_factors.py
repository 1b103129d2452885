"""A matrix in text is read with what stands around it, or not at all."""

import pytest
import torch

import inspector

H = [[0.9, 0.1], [0.3, 0.7]]
PYTHON, MATLAB = "[[0.9, 0.1], [0.3, 0.7]]", "[0.9 0.1; 0.3 0.7]"
LATEX = r"\begin{pmatrix} 0.9 & 0.1 \\ 0.3 & 0.7 \end{pmatrix}"

HALVED = [
    f"1/2*{MATLAB}",
    f"H = 0.5 * np.array({PYTHON})",
    f"(1/2)·{PYTHON}",
    f"np.array({PYTHON}, dtype=float)/2",
    f"2*({MATLAB})/4",
    f"({PYTHON})*1/2",
    rf"\frac{{1}}{{2}}{LATEX}",
    rf"$$H = \tfrac12\,\left({LATEX}\right)$$",
    rf"\begin{{equation}}H &= 0.5 \cdot {LATEX}\end{{equation}}",
    r"\frac{1}{2}" + "\n" + LATEX,
    rf"{LATEX} / 2",
]
TURNED = [
    f"{MATLAB}'",
    f"{MATLAB}.';",
    f"np.array({PYTHON}).T",
    f"tensor({PYTHON}, dtype=torch.float64).mT",
    f"np.transpose({PYTHON})",
    f"transpose({MATLAB})",
    f"({MATLAB}')''",
    rf"{LATEX}^T",
    rf"\left[{LATEX}\right]^{{\top}}",
    rf"{LATEX}^{{\mathsf{{T}}}}",
]
AS_IT_IS = [
    f"- {PYTHON}",
    f"1. {PYTHON}",
    f"layer 3: {MATLAB}  % 4 * 5",
    f"h.0 {PYTHON}",
    f"'{PYTHON}'",
    f"Array({PYTHON}, dtype=float32)",
    f"tensor({PYTHON}, device='cuda:0', grad_fn=<SoftmaxBackward0>)",
    f"# A @ B\n{MATLAB}",
    rf"The matrix {LATEX}, of \(\mathcal{{B}}_2\)",
    rf"H_{{\text{{res}}}} \approx {LATEX}.",
]
COMPUTED = [
    f"A @ {PYTHON}",
    f"{PYTHON} @ {PYTHON}",
    f"[{PYTHON} @ {PYTHON}]",
    f"{PYTHON} - {PYTHON}",
    f"-{PYTHON}",
    f"{MATLAB}^2",
    f"{PYTHON}.softmax(-1)",
    f"np.linalg.inv({PYTHON})",
    f"[np.transpose({PYTHON}), {PYTHON}]",
    "[[1, 1]/2, [1, 1]/2]",
    f"0.5 {MATLAB}",
    f"2{MATLAB}",
    f"x*{MATLAB}",
    f"sqrt(2)*{MATLAB}",
    f"1 - 1/2*{MATLAB}",
    f"{MATLAB}/sqrt(2)",
    "Transpose[{{0.9, 0.1}, {0.3, 0.7}}]",
    LATEX + LATEX,
    rf"{LATEX} \cdot {LATEX}",
    rf"{LATEX} \otimes I",
    rf"{LATEX}^{{-1}}",
    rf"A {LATEX}",
    rf"\frac{{1}}{{n}} {LATEX}",
    rf"\alpha {LATEX}",
]


@pytest.mark.parametrize(
    ("pasted", "wanted"),
    [
        *((text, [[0.45, 0.05], [0.15, 0.35]]) for text in HALVED),
        *((text, [[0.9, 0.3], [0.1, 0.7]]) for text in TURNED),
        *((text, H) for text in AS_IT_IS),
    ],
)
def test_factors_divisors_and_transposes_count(pasted: str, wanted: list[list[float]]) -> None:
    (site,) = inspector.parse(pasted)
    assert (site.matrix - torch.tensor(wanted, dtype=torch.float64)).abs().max() < 1e-15


@pytest.mark.parametrize("pasted", COMPUTED)
def test_what_is_computed_otherwise_is_refused(pasted: str) -> None:
    with pytest.raises(ValueError, match="must give matrices themselves"):
        inspector.parse(pasted)


def test_each_of_several_matrices_has_its_own_factor() -> None:
    first, second, third = inspector.parse(f"2*{MATLAB}\nB = {MATLAB}', C = {MATLAB}/0.5")
    assert torch.equal(first.matrix, third.matrix)
    assert torch.equal(first.matrix, 2 * second.matrix.mT)
    with pytest.raises(ValueError, match="divides by zero"):
        inspector.parse(f"{MATLAB}/0")
