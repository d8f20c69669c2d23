"""A reader's file: read within limits, mapped, reviewed, and written back without anything that runs."""

from __future__ import annotations

import base64
import io
import json
import math
import zipfile
from datetime import date
from functools import lru_cache

import pytest
from openpyxl import Workbook, load_workbook

from analysis import vocabulary as words
from analysis.answer import answer, shipped_evidence
from analysis.evidence import Evidence
from analysis.evidence.own import OWN_TABLES, OwnRows, with_own
from analysis.question import Question
from analysis.upload import files, write
from analysis.upload.candidate import review
from analysis.upload.columns import ROLES, guess
from analysis.upload.files import UploadError, decoded, read_uploads
from analysis.upload.flat import Settings, read_flat
from analysis.upload.preview import preview
from analysis.upload.tables import read_tables, table_of
from dashboard.components import own_file
from tests.own_studies import MEANS, own_rows

EVIDENCE = shipped_evidence()


def flat(
    text: str, settings: Settings | None = None, file: str = "mine.csv", encoding: str = "utf-8"
):
    """The review of a flat CSV under its guessed columns."""
    sheet = read_uploads([(file, text.encode(encoding))])[0]
    rows = read_flat(sheet.grid, guess(sheet.grid.header), settings or Settings(), sheet.file)
    return review(rows, EVIDENCE)


def workbook(rows: list[list[object]], name: str = "Sheet1") -> bytes:
    book = Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


@lru_cache(maxsize=1)
def alone_with(fingerprint: str, stored: str) -> Evidence:
    return with_own(EVIDENCE, OwnRows.from_store({**json.loads(stored), "only": True}))


def effects(own: OwnRows, question: Question) -> dict[str, tuple[float, float]]:
    """Effect and standard error of each own study, from own rows alone."""
    alone = alone_with(own.fingerprint, json.dumps(own.to_store()))
    return {s.label: (s.yi, s.se) for s in answer(question, alone).studies}


# --- what a sheet says is what enters ------------------------------------------------------------
def test_means_become_the_mean_difference_with_its_error():
    found = effects(own_rows(), Question())
    yi, se = found["Ahlberg 2021 (your study)"]
    assert yi == pytest.approx(3.5 - 4.2)
    assert se == pytest.approx(math.sqrt(2.1**2 / 40 + 2.2**2 / 41))
    assert set(effects(own_rows(), Question(time="12m"))) == {"Castro 2023 (your study)"}


def test_counts_become_the_odds_ratio_and_no_event_may_stand_for_the_size():
    s = Settings(outcome="new-fracture", comparator="NSM", design="open_rct", weeks=52)
    q = Question(outcome="new-fracture", comparator="NSM", time="12m")
    for header, row in (("ai,n1i,ci,n2i", "10,100,5,100"), ("ai,bi,ci,di", "10,90,5,95")):
        own = flat(f"study,{header}\nX,{row}\n", s).sound
        yi, se = effects(own, q)["X (your study)"]
        assert yi == pytest.approx(math.log((10 / 90) / (5 / 95)))
        assert se == pytest.approx(math.sqrt(1 / 10 + 1 / 90 + 1 / 5 + 1 / 95))


@pytest.mark.parametrize(
    ("measure", "outcome"), [("", "pain"), *((m, "mortality") for m in ("RR", "OR", "HR", "RD"))]
)
@pytest.mark.parametrize("beside", ["vi", "sei", "limits"])
def test_an_effect_enters_with_its_own_value_and_variance(measure, outcome, beside):
    yi, se = -0.4, 0.15
    numbers = {"vi": f"{se**2}", "sei": f"{se}",
               "limits": f"{yi - 1.959963984540054 * se},{yi + 1.959963984540054 * se}"}  # fmt: skip
    header = {"vi": "vi", "sei": "sei", "limits": "ci_low,ci_high"}
    text = f"study,yi,{header[beside]}\nX,{yi},{numbers[beside]}\n"
    found = flat(text, Settings(outcome=outcome, comparator="NSM", measure=measure))
    assert found.faults == ()
    q = Question(outcome=outcome, comparator="NSM", measure=measure)
    assert effects(found.sound, q)["X (your study)"] == pytest.approx((yi, se), rel=1e-9)


def test_one_group_of_events_is_a_proportion():
    own = flat("study,xi,ni\nX,8,100\n", Settings(outcome="leakage", comparator="NONE")).sound
    q = Question(outcome="leakage", comparator="NONE")
    assert effects(own, q)["X (your study)"][0] == pytest.approx(math.log(8 / 92))


def test_a_cell_goes_before_what_holds_for_the_file():
    text = (
        "study,outcome,intervention,comparator,weeks,design,m1i,sd1i,n1i,m2i,sd2i,n2i\n"
        "X,Disability (Roland-Morris),balloon kyphoplasty,NSM,6 months,open randomised trial,10,5,30,12,5,30\n"
    )
    own = flat(text).sound
    q = Question(outcome="rmdq", intervention="BKP", comparator="NSM", time="6m")
    assert effects(own, q)["X (your study)"][0] == pytest.approx(-2)
    shown = preview(own, EVIDENCE)
    assert [(p.question.outcome, p.question.time) for p in shown] == [("rmdq", "6m")]


def test_every_outcome_can_be_brought_as_an_effect():
    lines = [f"of {key},{key},-0.2,0.1" for key in words.OUTCOMES]
    own = flat("\n".join(["study,outcome,yi,sei", *lines]) + "\n").sound
    for key in words.OUTCOMES:
        assert f"of {key} (your study)" in effects(own, Question(outcome=key))


def test_several_times_of_one_study_are_one_study():
    text = MEANS + "Ahlberg,2021,3.0,2.1,39,4.0,2.2,40,12 months\n"
    own = flat(text).sound
    assert len(own.studies) == 3
    assert "Ahlberg 2021 (your study)" in effects(own, Question(time="12m"))
    arm = next(a for a in own.arms if a["study_id"] == "own-ahlberg-2021")
    assert arm["n"] == "40"


# --- dialects ------------------------------------------------------------------------------------
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_decimal_commas_and_encodings_give_the_same_rows(encoding, separator):
    body = MEANS.replace("Ahlberg", "Åhlberg")
    if separator != ",":
        body = body.replace(",", separator).replace(".", ",")
    found = flat("\n" + body.replace("\n", "\n\n"), encoding=encoding)
    assert found.faults == ()
    assert found.sound.arm_results[0]["mean"] == "3.5"
    assert found.sound.studies[0]["label"] == "Åhlberg 2021 (your study)"
    assert found.sound.studies[0]["study_id"] == "own-ahlberg-2021"


def test_a_workbook_gives_the_same_rows_as_its_csv():
    rows = [line.split(",") for line in MEANS.strip().splitlines()]
    numbers = [[float(c) if c.replace(".", "").isdigit() else c for c in row] for row in rows]
    sheet = read_uploads([("mine.xlsx", workbook(numbers))])[0]
    assert sheet.file == "mine.xlsx"
    found = review(
        read_flat(sheet.grid, guess(sheet.grid.header), Settings(), "mine.csv"), EVIDENCE
    )
    assert found.sound == own_rows()


def test_dates_and_formulas_of_a_workbook_are_named_and_never_worked_out():
    header = ["study", "ai", "n1i", "ci", "n2i"]
    content = workbook([header, ["X", date(2026, 10, 11), 20, "=1+1", 20], [], ["Y", 1, 20, 2, 20]])
    sheet = read_uploads([("mine.xlsx", content)])[0]
    s = Settings(outcome="mortality")
    found = review(read_flat(sheet.grid, guess(sheet.grid.header), s, sheet.file), EVIDENCE)
    assert [(f.row, f.column, f.found) for f in found.faults] == [
        (2, "ai", "2026-10-11 (a date)"),
        (2, "ci", "=1+1 (a formula whose result is not stored)"),
    ]
    assert [row["label"] for row in found.sound.studies] == ["Y (your study)"]


# --- faults --------------------------------------------------------------------------------------
FAULTY = [
    ("m1i", "abc", "m1i", "a number, or an empty cell"),
    ("m2i", "12", "m2i", "within the scale, 0 to 10"),
    ("sd1i", "-1", "sd1i", "above 0"),
    ("n2i", "2.5", "n2i", "a whole number"),
    ("m1i", "", "row", "m1i, sd1i, n1i, m2i, sd2i, n2i"),
    ("weeks", "soon", "weeks", "weeks above 0, or a time such as 6 months"),
    ("Author", "", "Author", "the name of the study"),
    ("Author", "Brandt 2022", "Author", "a name of its own"),
    ("Year", "1899", "Year", "from 1984"),
]


@pytest.mark.parametrize(("column", "cell", "blamed", "allowed"), FAULTY)
def test_a_faulty_cell_is_named_and_keeps_only_its_row_out(column, cell, blamed, allowed):
    lines = [line.split(",") for line in MEANS.strip().splitlines()]
    lines[1][lines[0].index(column)] = cell
    if cell == "Brandt 2022":
        lines[1][1], lines[1][8] = "2022", "4"
    order = [0, 2, 1, 3] if cell == "Brandt 2022" else [0, 1, 2, 3]
    found = flat("\n".join(",".join(lines[i]) for i in order) + "\n")
    row = order.index(1) + 1
    assert [(f.file, f.row, f.column) for f in found.faults] == [("mine.csv", row, blamed)]
    assert allowed in found.faults[0].allowed
    assert found.left_out == 1
    assert len(found.sound.studies) == 2
    assert with_own(EVIDENCE, found.sound).faults == EVIDENCE.faults


def test_events_above_the_size_and_two_sizes_that_contradict_are_faults():
    s = Settings(outcome="mortality")
    above = flat("study,ai,n1i,ci,n2i\nX,30,20,1,20\n", s).faults[0]
    assert (above.column, above.allowed) == ("ai", "at most n1i = 20")
    beside = flat("study,ai,bi,n1i,ci,n2i\nX,3,10,20,1,20\n", s).faults[0]
    assert (beside.column, beside.allowed) == ("bi", "n1i - ai = 17")


# --- our own tables, and back --------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_is_taken_away_can_be_brought_again(kind):
    own = own_rows()
    if kind == "xlsx":
        sheets = read_uploads([("your-studies.xlsx", write.rows_xlsx(own))])
    else:
        with zipfile.ZipFile(io.BytesIO(write.rows_csv(own))) as archive:
            sheets = [s for n in archive.namelist() for s in read_uploads([(n, archive.read(n))])]
    assert {table_of(sheet) for sheet in sheets} <= {*OWN_TABLES, ""}
    back = review(read_tables(tuple(sheets)), EVIDENCE)
    assert back.faults == ()
    assert back.sound == own
    assert write.rows_xlsx(own) is not None


def test_faults_of_tables_name_file_row_and_column():
    own = own_rows()
    with zipfile.ZipFile(io.BytesIO(write.rows_csv(own))) as archive:
        texts = {n: archive.read(n).decode("utf-8-sig") for n in archive.namelist()}
    texts["arms.csv"] = texts["arms.csv"].replace(",VP,VP,,40", ",VP,XX,,40")
    sheets = [s for n, t in texts.items() for s in read_uploads([(n, t.encode())])]
    found = review(read_tables(tuple(sheets)), EVIDENCE)
    assert (found.faults[0].file, found.faults[0].row, found.faults[0].column) == (
        "arms.csv",
        2,
        "treatment",
    )
    assert "arm_results.csv" in found.faults[0].consequence
    assert len(found.sound.studies) == 2 or "own-ahlberg-2021" in {
        r["study_id"] for r in found.sound.arm_results
    }


def test_nothing_that_is_taken_away_runs_in_a_spreadsheet():
    own = flat('study,m1i,sd1i,n1i,m2i,sd2i,n2i,note\n=cmd|x,3,2,30,4,2,30,"@SUM(1)"\n').sound
    book = load_workbook(io.BytesIO(write.rows_xlsx(own)))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
    assert [c.value for c in cells if c.data_type == "f"] == []
    with zipfile.ZipFile(io.BytesIO(write.rows_csv(own))) as archive:
        text = b"".join(archive.read(n) for n in archive.namelist()).decode()
    assert "'=cmd" in text
    assert not any(
        cell.startswith(("=", "@")) for line in text.splitlines() for cell in line.split(",")
    )


def test_templates_hold_every_column_that_is_read_and_no_number():
    header = write.template_csv().decode("utf-8-sig").strip().split(",")
    assert header == [role for role in ROLES if role]
    assert guess(header) == tuple(header)
    book = load_workbook(io.BytesIO(write.template_xlsx()))
    assert book.sheetnames == ["studies-flat", "columns", *OWN_TABLES]
    assert not [
        c.value for s in book for r in s.iter_rows() for c in r if isinstance(c.value, float)
    ]


# --- hostile files -------------------------------------------------------------------------------
def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


WORKBOOK = b"<workbook/>"
HOSTILE = {
    "nothing": (b"", "empty file"),
    "an image": (b"\x89PNG\r\n\x1a\n\0\0", "a picture"),
    "too large": (b"a,b\n" * 1_500_000, "at most 5 MB"),
    "another archive": (zipped(a=b"x"), "an archive that holds a"),
    "a cut archive": (zipped(xl__workbook=WORKBOOK)[:40], "damaged archive"),
    "a bomb": (zipped(**{"xl__workbook.xml": b"0" * 30_000_000}), "unpacks to"),
    "entities": (zipped(**{"xl__workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'}), "document type"),
    "hidden entities": (
        zipped(**{"xl__workbook.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode("utf-16")}),
        "document type",
    ),
    "no workbook": (zipped(**{"xl__workbook.xml": WORKBOOK}), "damaged workbook"),
    "many rows": (b"study,yi,vi\n" + b"a,1,1\n" * 3001, "more than 3,000 rows"),
    "many columns": (b",".join([b"a"] * 201) + b"\n" + b",".join([b"1"] * 201), "more than 200 columns"),
    "an open quote": (b'study,yi\n"x,1\n', "must stand in pairs"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_cannot_be_used_is_refused_with_what_is_allowed(name):
    content, why = HOSTILE[name]
    with pytest.raises(UploadError, match=f"^x: .*{why}"):
        read_uploads([("x", content)])


def test_a_workbook_that_lies_about_its_size_is_bounded():
    content = workbook([["study", "yi", "vi"], ["X", 1, 1]])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    far = members[name].replace(b'r="3"', b'r="1048576"').replace(b"</sheetData>",
          b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')  # fmt: skip
    many = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (i, i) for i in range(3, 3100))
    members[name] = members[name].replace(b"</sheetData>", many + b"</sheetData>")
    with pytest.raises(UploadError, match="more than 3,000 rows"):
        read_uploads([("x.xlsx", zipped(**members))])
    members[name] = far
    with pytest.raises(UploadError, match="more than 3,000 rows"):
        read_uploads([("x.xlsx", zipped(**members))])


@pytest.mark.parametrize(
    "sent", [None, "", "x", 5, ["a"], "data:;base64", "data:;base64,%%%", "data:;base64,AAA"]
)
def test_a_transfer_of_another_form_is_refused(sent):
    with pytest.raises(UploadError, match="allowed"):
        decoded(sent)


def test_a_transfer_that_is_too_long_is_refused_before_it_is_decoded():
    with pytest.raises(UploadError, match="at most"):
        decoded("data:;base64," + "A" * (files.MOST_BYTES * 2))


# --- the page's reading of its controls ----------------------------------------------------------
def test_choices_that_are_not_offered_fall_back_to_the_usual():
    odd = {"outcome": "x", "intervention": 5, "weeks": -1, "scale_min": math.inf, "measure": ["RR"]}
    assert own_file.settings_of(odd) == Settings()
    chosen = {"outcome": "rmdq", "weeks": 26, "scale_max": 24, "change": "change"}
    assert own_file.settings_of(chosen) == Settings("rmdq", weeks=26.0, scale_max="24", change=True)


def test_two_columns_for_one_thing_count_once_and_two_flat_sheets_not_at_all():
    def sent(text: str) -> str:
        return "data:;base64," + base64.b64encode(text.encode()).decode()

    found = own_file.brought([sent(MEANS)], ["mine.csv"])
    roles = ("study", "study", *guess(found.flat.grid.header)[2:])
    rows = own_file.candidate(found, roles, Settings())
    assert {r.cells["label"] for r in rows.rows if r.table == "studies"} == {
        "Ahlberg",
        "Brandt",
        "Castro",
    }
    with pytest.raises(UploadError, match="one at a time"):
        own_file.brought([sent(MEANS), sent(MEANS)], ["a.csv", "b.csv"])
