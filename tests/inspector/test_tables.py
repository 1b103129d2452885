"""Tables as programs write them: names, counts and quotes around the numbers, and decimal commas."""

import json
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
import scipy.io

import inspector

H = np.array([[0.9, 0.1, 0.0], [0.1, 0.7, 0.2], [0.0, 0.2, 0.8]])
FRAME = pd.DataFrame(H)
STREAMS = [f"stream {number}" for number in range(3)]
NAMED = pd.DataFrame(H, index=STREAMS, columns=STREAMS)

WRITTEN = {
    "plain": FRAME.to_csv(),
    "without an index": FRAME.to_csv(index=False),
    "without a header": FRAME.to_csv(header=False),
    "counted from 1": FRAME.set_axis(range(1, 4), axis=0).set_axis(range(1, 4), axis=1).to_csv(),
    "named": NAMED.to_csv(),
    "columns named": NAMED.to_csv(index=False),
    "rows named": NAMED.to_csv(header=False),
    "names without numbers": FRAME.set_axis(["from the left", "from the right", "from above"], axis=0).to_csv(),
    "names with commas": FRAME.set_axis(["a,0.5", "b,0.5", "c,0.5"], axis=1).to_csv(),
    "quoted": FRAME.to_csv(quoting=1, index=False, header=False),
    "quoted throughout": NAMED.to_csv(quoting=1),
    "tabs": NAMED.to_csv(sep="\t"),
    "printed": str(FRAME),
    "decimal commas": FRAME.to_csv(sep=";", decimal=","),
    "decimal commas alone": FRAME.to_csv(sep=";", decimal=",", index=False, header=False),
    "decimal commas and tabs": NAMED.to_csv(sep="\t", decimal=",", index=False),
    "decimal commas in quotes": FRAME.map(lambda each: str(each).replace(".", ",")).to_csv(
        quoting=1, index=False, header=False
    ),
    "decimal commas and names": NAMED.to_csv(sep=";", decimal=","),
    "Markdown": "| |0|1|2|\n|---|---|---|---|\n"
    + "".join(f"|{k}|{'|'.join(map(str, row))}|\n" for k, row in enumerate(H)),
    "R's write.csv2": '"";"V1";"V2";"V3"\n'
    + "".join(f'"{k + 1}";{";".join(map(str, row)).replace(".", ",")}\n' for k, row in enumerate(H)),
    "R's print": "     [,1] [,2] [,3]\n"
    + "".join(f"[{k + 1},]  {'  '.join(map(str, row))}\n" for k, row in enumerate(H)),
    "R": '"","V1","V2","V3"\n' + "".join(f'"{k + 1}",{",".join(map(str, row))}\n' for k, row in enumerate(H)),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_what_only_names_and_counts_is_passed_over(way: str) -> None:
    for found in (inspector.parse(WRITTEN[way]), inspector.open(WRITTEN[way].encode())):
        (site,) = found
        assert np.array_equal(site.matrix.numpy(), H)


@pytest.mark.parametrize("text", ["0,1\n0.9,0.1", "0 1 0\n1 0 0\n0 0 1", "1,2;3,4", "1 2 3\n2 3 1\n3 1 2"])
def test_a_square_table_is_taken_as_it_is(text: str) -> None:
    """Also where its first row, or its first column, counts."""
    (site,) = inspector.parse(text)
    rows = text.split(";") if ";" in text else text.splitlines()
    assert site.matrix.tolist() == [[float(cell) for cell in row.replace(",", " ").split()] for row in rows]


def test_matrix_market_with_a_mark_and_with_places_given_twice() -> None:
    data = b"%%MatrixMarket matrix coordinate real general\n2 2 4\n1 1 .5\n1 1 .25\n2 2 1\n1 2 .25\n"
    for file in (data, b"\xef\xbb\xbf" + data):
        (site,) = inspector.open(file)
        assert site.matrix.tolist() == [[0.75, 0.25], [0, 1]]
    assert scipy.io.mmread(BytesIO(data)).toarray().tolist() == site.matrix.tolist()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lists_of_dictionaries_are_read_with_their_names(mark: bytes) -> None:
    held = [{"name": "a", "H": H.tolist()}, {"name": "b", "layers": [{"H": H.tolist()}]}]
    sites = inspector.open(mark + json.dumps(held).encode())
    assert [site.name for site in sites] == ["0.H", "1.layers.0.H"]
    assert all(np.array_equal(site.matrix.numpy(), H) for site in sites)
