"""The same review through every format: the same cells."""

from __future__ import annotations

import math

import pytest

from analysis.reading import Unreadable, open_file, open_files
from analysis.reading.mapping import Choices
from analysis.review.fitted import Options
from analysis.review.models import fit
from analysis.review.opening import studies_of
from tests.analysis.reading import builders as b


def cells(table) -> list[list[object]]:
    """Study, year and counts, numbers as numbers whatever the file holds them as."""
    lowered = list(table.columns)
    at = [lowered.index(name) for name in b.COLUMNS]
    return [[row[i] if n == 0 else float(row[i]) for n, i in enumerate(at)] for row in table.rows]


def values(analysis, names: str) -> list[tuple[object, ...]]:
    at = [analysis.table.columns.index(name) for name in names.split()]
    return [tuple(row[i] for i in at) for row in analysis.table.rows]


EXPECTED = [[s[0], *map(float, s[1:])] for s in b.STUDIES]
FLAT = {
    "metafor.csv": b.metafor_csv,
    "semicolons.csv": lambda: b.as_csv([b.COLUMNS, *b.STUDIES], ";"),
    "studies.xlsx": b.xlsx,
    "saved.xlsx": lambda: (b.FILES / "studies.xlsx").read_bytes(),
    "saved.ods": lambda: (b.FILES / "studies.ods").read_bytes(),
    "saved.xls": lambda: (b.FILES / "studies.xls").read_bytes(),
    "new.jasp": b.jasp,
    "old.jasp": b.old_jasp,
    "studies.omv": b.omv,
    "studies.dta": b.stata,
    "packed.zip": lambda: b.as_zip({"a/studies.csv": b.metafor_csv()}),
    "workbook.zip": lambda: b.as_zip({"studies.xlsx": b.xlsx()}),
}
REVIEWS = {
    "review.rm5": b.rm5,
    "latin.rm5": lambda: b.rm5("iso-8859-1"),
    "revman5.csv": b.revman5_csv,
    "CD000001-data-rows.csv": b.web_rows,
    "package.zip": b.data_package,
    "review.zip": lambda: b.as_zip({"review.rm5": b.rm5()}),
}


@pytest.mark.parametrize("name", FLAT)
@pytest.mark.parametrize("renamed", [False, True], ids=["own ending", "no ending"])
def test_flat_files_open_to_the_same_cells(name, renamed):
    opened = open_file("studies" if renamed else name, FLAT[name]())
    assert cells(opened.tables[0]) == EXPECTED


@pytest.mark.parametrize("name", REVIEWS)
def test_reviews_open_to_the_same_cells(name):
    analysis = open_file(name, REVIEWS[name]()).analyses[0]
    assert (analysis.number, analysis.name, analysis.measure) == ("1.1", "New fracture", "RR")
    assert cells(analysis.table) == EXPECTED
    at = analysis.table.columns.index("subgroup")
    assert [row[at] for row in analysis.table.rows] == ["Early", "Early", "Late"]


@pytest.mark.parametrize("name", ["review.rm5", "revman5.csv", "package.zip"])
def test_settings_and_totals_come_along(name):
    analysis = open_file(name, REVIEWS[name]()).analyses[0]
    assert (analysis.model, analysis.method, analysis.comparison) == (
        "random", "MH", "Cement against sham",
    )  # fmt: skip
    assert analysis.groups == ("Cement", "Sham")
    assert (analysis.level, analysis.level_total) == (0.95, 0.95)
    printed = analysis.printed
    assert (printed.estimate, printed.ci_low, printed.ci_high) == (0.68, 0.47, 1.0)
    assert (printed.k, printed.tau2, printed.q, printed.i2) == (3, 0.01, 1.5, 0.0)
    at = analysis.table.columns.index("weight")
    assert {row[at] for row in analysis.table.rows} == {33.5}


@pytest.mark.parametrize("name", ["review.rm5", "revman5.csv", "package.zip"])
def test_hazard_ratios_come_as_natural_logarithms(name):
    (analysis,) = [a for a in open_file(name, REVIEWS[name]()).analyses if a.measure == "HR"]
    assert analysis.log_data
    at = [analysis.table.columns.index(c) for c in ("study", "yi", "sei")]
    found = [[row[i] for i in at] for row in analysis.table.rows]
    assert [row[0] for row in found] == [h[0] for h in b.HAZARDS]
    assert [row[1:] for row in found] == [pytest.approx(h[1:], abs=1e-7) for h in b.HAZARDS]


@pytest.mark.parametrize("log_data", ['LOG_DATA="YES"', ""])
def test_effects_that_a_file_stores_as_logarithms_stay_so(log_data):
    text = b.rm5(log_data=log_data).decode()
    for _, y, s in b.HAZARDS:
        for value in (y - 1.959964 * s, y + 1.959964 * s, y):
            text = text.replace(f'"{math.exp(value)}"', f'"{value}"')
    analysis = open_file("x.rm5", text.encode()).analyses[2]
    at = analysis.table.columns.index("yi")
    assert [row[at] for row in analysis.table.rows] == pytest.approx([h[1] for h in b.HAZARDS])


def test_effects_without_a_logarithm_are_as_printed():
    text = b.rm5(log_data='LOG_DATA="NO"').replace(b"Hazard Ratio", b"Mean Difference")
    analysis = open_file("x.rm5", text).analyses[2]
    at = analysis.table.columns.index("yi")
    assert not analysis.log_data
    found = [row[at] for row in analysis.table.rows]
    assert found == pytest.approx([math.exp(h[1]) for h in b.HAZARDS])


@pytest.mark.parametrize("name", ["review.rm5", "CD000001-data-rows.csv", "package.zip"])
def test_means_come_with_their_deviations(name):
    (analysis,) = [a for a in open_file(name, REVIEWS[name]()).analyses if a.number == "1.2"]
    assert analysis.measure == "MD"
    assert values(analysis, "study m1i sd1i n1i m2i sd2i n2i") == list(b.MEANS)
    assert analysis.printed.estimate is None  # the review shows no total


def test_observed_minus_expected_with_its_variance():
    analysis = open_file("x.rm5", b.rm5()).analyses[3]
    assert (analysis.measure, analysis.model, analysis.log_data) == ("PETO", "fixed", True)
    expected = [(s, o, v, n1, n2) for s, o, v, _, n1, _, n2 in b.PETO]
    assert values(analysis, "study o_minus_e variance n1i n2i") == expected
    assert "ai" not in analysis.table.columns  # the review pools O-E, not these events


def test_footnotes_and_what_cannot_be_estimated_are_notes():
    table = open_file("x.rm5", b.rm5()).analyses[0].table
    notes = [row[table.columns.index("note")] for row in table.rows]
    assert notes[0] == "two arms added"
    assert "not estimable" in notes[2]


def test_levels_other_than_95_are_kept():
    analysis = open_file("x.rm5", b.rm5()).analyses[1]
    assert (analysis.level, analysis.level_total) == (0.9, 0.95)


@pytest.mark.parametrize("name", ["review.rm5", "package.zip"])
def test_risk_of_bias_comes_along(name):
    table = open_file(name, REVIEWS[name]()).analyses[0].table
    at = table.columns.index("risk of bias: Allocation concealment")
    assert [row[at] for row in table.rows] == ["low", "high", "unclear"]


def test_swapped_events_are_those_without_the_event():
    analysis = open_file("x.rm5", b.rm5(swap="YES")).analyses[0]
    at = [analysis.table.columns.index(c) for c in ("ai", "ci")]
    assert [analysis.table.rows[0][i] for i in at] == [120 - 12, 118 - 20]
    assert "without the event" in analysis.remarks[0]


def test_tables_of_text_are_said_to_be_left_out():
    assert "tables of text" in open_file("x.rm5", b.rm5()).remarks[0]


def test_bytes_that_do_not_fit_the_declared_encoding_are_read_by_their_letters():
    opened = open_file("x.rm5", b.rm5("cp1252", declared="UTF-8"))
    assert cells(opened.analyses[0].table) == EXPECTED
    assert any("encoding" in remark for remark in opened.remarks)


def test_rows_alone_tell_the_measure_only_where_printed_effects_do():
    opened = open_file("rows.csv", b.web_rows())
    assert [a.measure for a in opened.analyses] == ["RR", "MD", "GEN"]
    assert "choose it" in opened.analyses[2].remarks[0]
    ratios = b.web_rows().replace(b"0.59", b"0.54").replace(b"0.72", b"0.68")
    assert open_file("rows.csv", ratios).analyses[0].measure == "OR"
    neither = b.web_rows().replace(b"0.59", b"0.99")
    assert open_file("rows.csv", neither).analyses[0].measure == "GEN"


def test_parts_of_a_review_brought_together_are_one():
    files = [("a-data-rows.csv", b.web_rows()), ("x.csv", b.metafor_csv()),
             ("a-settings.csv", b.web_settings()), ("rob.csv", b.web_bias())]  # fmt: skip
    flat, review = open_files(files)
    assert cells(flat.tables[0]) == EXPECTED
    assert [a.measure for a in review.analyses] == ["RR", "MD", "HR"]
    assert "risk of bias: Allocation concealment" in review.analyses[0].table.columns


def test_two_reviews_at_once_are_refused_by_name():
    with pytest.raises(Unreadable, match="a-data-rows and b-data-rows"):
        open_files([("a-data-rows.csv", b.web_rows()), ("b-data-rows.csv", b.web_rows())])


def test_a_study_that_counts_in_a_subgroup_only_does_not_count_twice():
    header, first, *rest = b.web_rows().decode().splitlines()
    total = first.replace("Early,,", ",OVERALL,")
    lines = [header, first.replace("Early,,", "Early,SUBGROUP,"), total, *rest]
    analysis = open_file("rows.csv", "\n".join(lines).encode()).analyses[0]
    assert cells(analysis.table) == EXPECTED
    assert any("left out: 1" in remark for remark in analysis.remarks)


def test_settings_alone_say_which_file_is_missing():
    with pytest.raises(Unreadable, match="data-rows"):
        open_file("a-overall-estimates-and-settings.csv", b.web_settings())


def test_rows_that_jasp_filters_out_stay_out():
    opened = open_file("x.jasp", b.jasp(b.sqlite(hidden=2)))
    assert cells(opened.tables[0]) == [EXPECTED[0], EXPECTED[2]]
    assert "filter" in opened.tables[0].remarks[0]
    old = open_file("x.jasp", b.old_jasp({"filterVector": [True, False, True]}))
    assert cells(old.tables[0]) == [EXPECTED[0], EXPECTED[2]]


def test_what_jasp_computes_keeps_its_names():
    columns = (
        "study",
        "computed effect size",
        "computed standard error",
        "computed effect size type",
    )
    rows = (("A", -0.47, 0.22, "RR"), ("B", None, 0.19, "RR"))
    table = open_file("x.jasp", b.jasp(b.sqlite(columns=columns, rows=rows))).tables[0]
    assert table.columns == columns
    assert table.rows == rows


@pytest.mark.parametrize("text", ["Risk Ratio (Non-event)", "Odds Ratio (Non-event)"])
def test_measures_of_those_without_the_event_turn_the_counts(text):
    content = b.revman5_csv().replace(b",RR,", f",{text},".encode())
    analysis = open_file("revman5.csv", content).analyses[0]
    assert analysis.measure == ("RR" if "Risk" in text else "OR")
    at = [analysis.table.columns.index(c) for c in ("ai", "ci")]
    assert [analysis.table.rows[0][i] for i in at] == [120 - 12, 118 - 20]


def test_every_format_gives_the_same_answer():
    """To the last digit: the same numbers reach the same model, whatever file they come in."""
    found = {}
    for name, content in (FLAT | REVIEWS).items():
        sheet = "1" if name.startswith("saved") else ""
        choices = Choices(measure="RR", sheet=sheet, analysis="1.1" if name in REVIEWS else "")
        first = fit(
            studies_of(open_file(name, content()), choices).studies, Options(tau2="EE")
        ).first
        found[name] = (first.name, first.estimate, first.ci_low, first.ci_high)
    assert set(found.values()) == {found["metafor.csv"]}
    # two trials and one without events; log risk ratios and variances by hand, common effect
    y = [math.log(12 / 120 / (20 / 118)), math.log(30 / 200 / (41 / 198))]
    w = [1 / (1 / a - 1 / n + 1 / c - 1 / m) for _, _, a, n, c, m in b.STUDIES[:2]]
    by_hand = sum(a * b for a, b in zip(y, w, strict=True)) / sum(w)
    third = 1 / (1 / 0.5 - 1 / 65 + 1 / 0.5 - 1 / 66)
    with_zero = (by_hand * sum(w) + third * math.log(66 / 65)) / (sum(w) + third)
    assert found["metafor.csv"][1] == pytest.approx(with_zero, abs=1e-9)
