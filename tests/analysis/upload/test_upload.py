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
from analysis.reading import Table, Unreadable, open_file
from analysis.reading.columns import guess
from analysis.reading.mapping import NO_CHOICES, Choices
from analysis.upload import write
from analysis.upload.candidate import review
from analysis.upload.files import LIMITS, decoded
from analysis.upload.flat import USUAL, Settings
from analysis.upload.preview import preview
from analysis.upload.tables import Sheet, read_tables, table_of
from dashboard.components import own_file
from tests.own_studies import MEANS, own_rows, reviewed

EVIDENCE = shipped_evidence()


def flat(
    text: str, settings: Settings | None = None, file: str = "mine.csv", encoding: str = "utf-8"
):
    """The review of a flat CSV as its names say."""
    return reviewed(text.encode(encoding), settings, file)


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
    ("measure", "outcome"), [("MD", "pain"), *((m, "mortality") for m in ("RR", "OR", "HR", "RD"))]
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
    own = flat("\n".join(["study,outcome,yi,sei", *lines]) + "\n", Settings(measure=USUAL)).sound
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
    assert reviewed(workbook(numbers), file="mine.csv").sound == own_rows()


def test_dates_and_formulas_of_a_workbook_are_named_and_never_worked_out():
    header = ["study", "ai", "n1i", "ci", "n2i"]
    content = workbook([header, ["X", date(2026, 10, 11), 20, "=1+1", 20], [], ["Y", 1, 20, 2, 20]])
    found = reviewed(content, Settings(outcome="mortality"), "mine.xlsx")
    assert [(f.row, f.column) for f in found.faults] == [(2, "ai"), (2, "ci")]
    assert found.faults[0].found == "2026-10-11 (a date)"
    assert found.faults[1].found == "=1+1 (a formula whose result is not stored)"
    assert [row["label"] for row in found.sound.studies] == ["Y (your study)"]


# --- faults --------------------------------------------------------------------------------------
FAULTY = [
    ("m1i", "abc", "m1i", "a number, or an empty cell"),
    ("m2i", "12", "m2i", "within the scale, 0 to 10"),
    ("sd1i", "-1", "sd1i", "0 or more"),
    ("n2i", "2.5", "n2i", "a whole number"),
    ("n1i", "", "row", "m1i, sd1i, n1i, m2i, sd2i, n2i"),
    ("weeks", "soon", "weeks", "weeks above 0, or a time such as 6 months"),
    ("Author", "", "Author", "the name of the study"),
    ("Author", "Brandt 2022", "Author", "a name of its own"),
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
    assert (beside.column, beside.allowed) == ("bi", "n1i less ai = 17")


def test_a_year_before_our_topic_keeps_no_study_out():
    found = flat(MEANS.replace("Ahlberg,2021", "Ahlberg,1978"))
    assert found.faults == ()
    assert found.sound.studies[0]["label"] == "Ahlberg 1978 (your study)"


@pytest.mark.parametrize(
    ("header", "words_"),
    [("design", "Parallel"), ("control", "WLC"), ("outcome", "stress"), ("weeks", "soon")],
)
def test_a_guessed_column_whose_words_are_not_known_here_is_not_used_and_that_is_said(
    header, words_
):
    lines = MEANS.replace("weeks", "remark").strip().splitlines()
    found = flat(
        "\n".join([f"{lines[0]},{header}", *(f"{line},{words_}" for line in lines[1:])]) + "\n"
    )
    assert (found.faults, len(found.sound.studies)) == ((), 3)
    assert any(header in line and "not used" in line for line in found.remarks)


def test_an_effect_that_nothing_names_is_asked_about_and_one_that_is_no_difference_is_refused():
    text = "author,TE,seTE\nAlm,-0.45,0.21\n"
    assert "Effect (yi) is" in flat(text).faults[0].allowed
    assert flat(text, Settings(measure="MD")).faults == ()
    assert "of measure SMD" in flat("author,g,se\nAlm,-0.45,0.21\n").faults[0].found


def test_ratios_and_their_limits_enter_as_they_are_printed():
    s = Settings(outcome="mortality", comparator="NSM")
    own = flat("study,OR,lower,upper\nA,0.62,0.40,0.96\nB,0.80,0.55,1.17\n", s).sound
    q = Question(outcome="mortality", comparator="NSM", measure="OR")
    assert effects(own, q)["A (your study)"][0] == pytest.approx(math.log(0.62))


# --- our own tables, and back --------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_is_taken_away_can_be_brought_again(kind):
    own = own_rows()
    if kind == "xlsx":
        sheets = open_file("your-studies.xlsx", write.rows_xlsx(own)).tables
    else:
        with zipfile.ZipFile(io.BytesIO(write.rows_csv(own))) as archive:
            sheets = [t for n in archive.namelist() for t in open_file(n, archive.read(n)).tables]
    assert {table_of(sheet) for sheet in sheets} <= {*OWN_TABLES, ""}
    back = review(read_tables([Sheet("mine", t) for t in sheets]), EVIDENCE)
    assert back.faults == ()
    assert back.sound == own
    assert write.rows_xlsx(own) is not None


def test_faults_of_tables_name_file_row_and_column():
    own = own_rows()
    with zipfile.ZipFile(io.BytesIO(write.rows_csv(own))) as archive:
        texts = {n: archive.read(n).decode("utf-8-sig") for n in archive.namelist()}
    texts["arms.csv"] = texts["arms.csv"].replace(",VP,VP,", ",VP,XX,", 1)
    sheets = [Sheet(n, t) for n, text in texts.items() for t in open_file(n, text.encode()).tables]
    found = review(read_tables(sheets), EVIDENCE)
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


def test_templates_hold_columns_that_are_read_an_example_and_lists_to_choose_from():
    header = write.template_csv().decode("utf-8-sig").splitlines()[0].split(",")
    assert header == list(write.COLUMNS)
    roles = dict(zip(header, guess(header).roles, strict=True))
    assert {c: r for c, r in roles.items() if c != r} == {
        "ratio": ""
    }  # a ratio or its logarithm, not both
    book = load_workbook(io.BytesIO(write.template_xlsx()))
    assert book.sheetnames == ["studies-flat", "codebook", "lists"]
    lists = book["studies-flat"].data_validations.dataValidation
    assert len(lists) == 5
    assert [row[0].value for row in book["codebook"].iter_rows(min_row=2)] == list(write.COLUMNS)


@pytest.mark.parametrize("effect", ["ratio", "yi"])
def test_a_filled_template_is_read_and_its_example_is_not(effect):
    book = load_workbook(io.BytesIO(write.template_xlsx()))
    sheet = book["studies-flat"]
    at = {name: i for i, name in enumerate(write.COLUMNS)}
    row = [""] * len(at)
    values = (0.8, 0.5, 1.28) if effect == "ratio" else (-0.22, -0.69, 0.25)
    for name, value in zip(
        ("study", effect, "ci_low", "ci_high"), ("Alm 2020", *values), strict=True
    ):
        row[at[name]] = value
    sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    found = own_file.brought([sent(packed.getvalue())], ["filled.xlsx"])
    rows = own_file.candidate(
        found, NO_CHOICES, Settings(outcome="mortality", comparator="NSM", measure="OR")
    )
    assert [r.cells["label"] for r in rows.rows if r.table == "studies"] == ["Alm 2020"]
    estimate = next(r.cells["estimate"] for r in rows.rows if r.table == "contrasts")
    assert float(estimate) == pytest.approx(0.8 if effect == "ratio" else math.exp(-0.22))


# --- what the browser sends ----------------------------------------------------------------------
def sent(content: bytes) -> str:
    return "data:;base64," + base64.b64encode(content).decode()


@pytest.mark.parametrize(
    "contents", [None, "", "x", 5, ["a"], "data:;base64", "data:;base64,%%%", "data:;base64,AAA"]
)
def test_a_transfer_of_another_form_is_refused(contents):
    with pytest.raises(Unreadable, match="choose it again"):
        decoded(contents)


def test_a_transfer_that_is_too_long_is_refused_before_it_is_decoded():
    with pytest.raises(Unreadable, match="at most"):
        decoded("data:;base64," + "A" * (LIMITS.bytes * 2))


# --- the page's reading of its controls ----------------------------------------------------------
def test_choices_that_are_not_offered_fall_back_to_the_usual():
    odd = {"outcome": "x", "intervention": 5, "weeks": -1, "scale_min": math.inf, "measure": ["RR"]}
    assert own_file.settings_of(odd) == Settings()
    chosen = {"outcome": "rmdq", "weeks": 26, "scale_max": 24, "change": "change"}
    assert own_file.settings_of(chosen) == Settings("rmdq", weeks=26.0, scale_max="24", change=True)


def test_a_column_by_hand_and_two_files_at_once():
    found = own_file.brought([sent(MEANS.encode())], ["mine.csv"])
    sheet = own_file.picked_of(found).table
    ids = [own_file.role_id(i, name) for i, name in enumerate(sheet.columns)]
    roles = [
        "-" if name == "weeks" else role
        for name, role in zip(sheet.columns, guess(sheet.columns).roles, strict=True)
    ]
    choices = own_file.choices_of(sheet, roles, ids, Choices())
    assert choices.roles == (("unused", "weeks"),)
    rows = own_file.candidate(found, choices, Settings())
    assert {r.cells["weeks"] for r in rows.rows if r.table == "arm_results"} == {"4"}
    with pytest.raises(Unreadable, match="one at a time"):
        own_file.brought([sent(MEANS.encode()), sent(MEANS.encode())], ["a.csv", "b.csv"])


def test_controls_of_another_file_are_not_taken_for_those_of_this_one():
    sheet = Table("t", ("a", "b"), (("x", 1.0),), (2,))
    ids = [own_file.role_id(i, name) for i, name in enumerate(("c", "d"))]
    assert own_file.choices_of(sheet, ["study", "yi"], ids, Choices()).roles == ()
