"""Any bytes are opened within the contract or refused in words; what was written is what is read."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.reading import open_file
from tests.analysis.reading import builders as b
from tests.analysis.reading.contract import check

FILES = {
    "a.csv": b.metafor_csv(), "a.xlsx": (b.FILES / "studies.xlsx").read_bytes(),
    "a.xls": (b.FILES / "studies.xls").read_bytes(), "a.ods": (b.FILES / "studies.ods").read_bytes(),
    "a.rm5": b.rm5(), "r.csv": b.revman5_csv(), "w.csv": b.web_rows(), "s.csv": b.web_settings(),
    "p.zip": b.data_package(), "n.jasp": b.jasp(), "o.jasp": b.old_jasp(), "a.omv": b.omv(), "a.dta": b.stata(),
}  # fmt: skip
INSIDE = {
    name: {n: z.read(n) for z in [zipfile.ZipFile(io.BytesIO(content))] for n in z.namelist()}
    for name, content in FILES.items()
    if content.startswith(b"PK")
}
PARTS = [(name, part) for name, parts in INSIDE.items() for part in parts]
TELLING = (b"", b'"', b",", b"\n", b"<", b"&", b"0", b"-1", b"1e999", b"\xff\xff\xff\x7f")
many = settings(
    max_examples=3 * settings.default.max_examples,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """A few cuts, swaps, repetitions and foreign bytes."""
    raw = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(raw) - 1, 0)))
        size = draw(st.integers(0, 40))
        repeated = bytes(raw[at : at + 60]) * 3
        new = draw(st.binary(max_size=8) | st.sampled_from([*TELLING, repeated]))
        raw[at : at + size] = new
    return bytes(raw)


@many
@given(st.text(max_size=12), st.binary(max_size=300))
def test_any_bytes(name, content):
    check(name, content)


@many
@given(st.text(alphabet='a1,;\t|"\n .-NR=#%±é', max_size=200))
def test_any_text(text):
    check("a.csv", text.encode())


@pytest.mark.parametrize("name", FILES)
@many
@given(st.data())
def test_damaged_files(name, data):
    check(name, data.draw(damaged(FILES[name])))


@many
@given(st.data())
def test_archives_with_a_damaged_part(data):
    name, part = data.draw(st.sampled_from(PARTS))
    content = b.as_zip(INSIDE[name] | {part: data.draw(damaged(INSIDE[name][part]))})
    check(name, content)


words = st.text(alphabet="abcdefgß éøñü-'", min_size=1, max_size=9).map(
    lambda t: " ".join(f"x{t}".split())
)
numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: f"{v:.4g}")


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(2, 6))
    header = draw(st.lists(words, min_size=width, max_size=width, unique_by=str.lower))
    rows = draw(st.lists(st.tuples(words, *[numbers] * (width - 1)), min_size=1, max_size=8))
    return [header, *map(list, rows)]


@many
@given(
    tables(),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_as_text_is_read(table, separator, end, encoding):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(table)
    (found,) = open_file("a.csv", text.getvalue().encode(encoding)).tables
    assert [list(found.columns), *map(list, found.rows)] == table


@many
@given(tables())
def test_decimal_commas_are_read_as_written(table):
    local = [table[0], *([row[0], *(c.replace(".", ",") for c in row[1:])] for row in table[1:])]
    (found,) = open_file("a.csv", b.as_csv(local, ";")).tables
    assert [list(found.columns), *map(list, found.rows)] == local


@settings(max_examples=25, deadline=None)
@given(tables())
def test_what_is_written_as_a_workbook_is_read(table):
    typed = [table[0], *([row[0], *map(float, row[1:])] for row in table[1:])]
    (found,) = open_file("a.xlsx", b.xlsx(typed)).tables
    assert [list(found.columns), *map(list, found.rows)] == typed
