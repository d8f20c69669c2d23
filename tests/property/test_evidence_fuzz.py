"""Whatever happens to the files, loading raises nothing and loses no row without saying so."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.evidence import Evidence, load_evidence
from analysis.evidence.load import DATA
from analysis.evidence.schema import TABLES
from tests.evidence_folder import read_rows, records, write_rows

STUDIES = {
    "buchbinder-2009", "kroon-2014", "wardlaw-2009", "boonen-2011", "carli-2023", "movrin-2012",
    "movrin-amb",
}  # fmt: skip
FEW = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "0", "-1", "1e9", "nan", "yes", "VP", "event", "change", "kroon-2014"]),
    st.floats().map(str),
)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """The evidence of seven reports: few rows, every kind of link."""
    folder = tmp_path_factory.mktemp("small")
    for name in TABLES:
        header, *rows = read_rows(DATA, f"{name}.csv")
        if "study_id" in header:
            rows = [row for row in rows if row[header.index("study_id")] in STUDIES]
        if "report_a" in header:
            ends = [header.index("report_a"), header.index("report_b")]
            rows = [row for row in rows if {row[i] for i in ends} <= STUDIES]
        write_rows(folder, f"{name}.csv", [header, *rows[:40]])
    assert load_evidence(folder).faults == ()
    return folder


@contextmanager
def spoilt(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as place:
        yield Path(shutil.copytree(folder, Path(place) / "data"))


def account(evidence: Evidence) -> tuple[set[str], set[str]]:
    """Rows that are in, and rows that a fault keeps out; faults of a header keep no row out."""
    inside = {name for frame in evidence.tables.values() for name in frame["row_id"]}
    outside = {
        f"{fault.file.removesuffix('.csv')}:{fault.row}"
        for fault in evidence.faults
        if fault.row is not None and fault.row > 1
    }
    return inside, outside.union(*(fault.left_out for fault in evidence.faults))


sound: dict[str, pd.DataFrame] = {}
"""Of each table, the rows that pandera last found to satisfy the schema: most are not touched."""


def validated(name: str, frame: pd.DataFrame) -> None:
    if name not in sound or not frame.equals(sound[name]):
        TABLES[name].schema.validate(frame)
        sound[name] = frame


def assert_sound(evidence: Evidence) -> None:
    """What was loaded satisfies the schema, resolves, and every fault prints on one line."""
    for name, frame in evidence.tables.items():
        validated(name, frame)
    arms = set(zip(evidence.arms["study_id"], evidence.arms["arm_id"], strict=True))
    results = zip(evidence.arm_results["study_id"], evidence.arm_results["arm_id"], strict=True)
    assert set(results) <= arms
    known = set(evidence.studies["study_id"])
    for frame in (evidence.arms, evidence.contrasts, evidence.risk_of_bias):
        assert set(frame["study_id"]) <= known
    assert set(evidence.studies["parent_study_id"]) <= known | {""}
    assert all(str(fault).isprintable() for fault in evidence.faults)


@given(data=st.data())
@FEW
def test_spoilt_cells_never_enter_silently(small, data):
    with spoilt(small) as folder:
        for _ in range(data.draw(st.integers(1, 4))):
            file = f"{data.draw(st.sampled_from([*TABLES]))}.csv"
            rows = read_rows(folder, file)
            row = data.draw(st.integers(1, len(rows) - 1))
            column = data.draw(st.integers(0, len(rows[0]) - 1))
            rows[row][column] = data.draw(CELLS)
            write_rows(folder, file, rows)
        evidence = load_evidence(folder)
        inside, outside = account(evidence)
        written = {
            f"{name}:{row + 2}"
            for name in TABLES
            for row, record in enumerate(records(folder, f"{name}.csv"))
            if any(record.values())
        }
    assert_sound(evidence)
    assert inside | outside == written
    assert not inside & outside


@given(data=st.data())
@FEW
def test_one_spoilt_cell_is_never_more_than_one_fault(small, data):
    name = data.draw(st.sampled_from(["studies", "arms", "arm_results", "contrasts"]))
    with spoilt(small) as folder:
        rows = read_rows(folder, f"{name}.csv")
        row = data.draw(st.integers(1, len(rows) - 1))
        column = data.draw(st.integers(0, len(rows[0]) - 1))
        elsewhere = st.sampled_from([other[column] for other in rows[1:]])
        rows[row][column] = data.draw(elsewhere | CELLS)
        write_rows(folder, f"{name}.csv", rows)
        evidence = load_evidence(folder)
    assert len(evidence.faults) <= 1, [str(fault) for fault in evidence.faults]


@given(data=st.data())
@FEW
def test_spoilt_bytes_never_stop_the_load(small, data):
    with spoilt(small) as folder:
        file = folder / f"{data.draw(st.sampled_from([*TABLES]))}.csv"
        content = bytearray(file.read_bytes())
        at = data.draw(st.integers(0, len(content)))
        cut = data.draw(st.integers(0, 40))
        content[at : at + cut] = data.draw(
            st.one_of(
                st.binary(max_size=8), st.sampled_from([b'"', b"\n", b",", b"\r", b'""', b"\x00"])
            )
        )
        file.write_bytes(bytes(content))
        evidence = load_evidence(folder)
    assert_sound(evidence)
    inside, outside = account(evidence)
    assert not inside & outside
    before = account(load_evidence(small))[0]
    assert len(inside) == len(before) or evidence.faults or cut


@given(content=st.dictionaries(st.sampled_from([*TABLES]), st.binary(max_size=300)))
@FEW
def test_any_bytes_at_all_are_reported_not_raised(small, content):
    with spoilt(small) as folder:
        for name, noise in content.items():
            (folder / f"{name}.csv").write_bytes(noise)
        evidence = load_evidence(folder)
    assert_sound(evidence)
    assert {fault.file for fault in evidence.faults} >= {f"{name}.csv" for name in content}
