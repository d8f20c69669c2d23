"""One review, laid out in any way that is read: the same effects. Any cells in such layouts: an answer or words."""

from __future__ import annotations

import csv
import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.reading import Unreadable, open_file
from analysis.reading.mapping import NO_CHOICES
from analysis.reading.notes import noted
from analysis.review.opening import studies_of

FEW = settings(max_examples=max(settings.default.max_examples // 2, 10), deadline=None)
MEANS = ("Mean T", "SD T", "N T", "Mean C", "SD C", "N C")
FIELDS = (
    "study", "arm", "Study", "id", "patient", "pain", "death", "time", "Mean (SD) T", "Mean (SD) C", "N T", "N C",
    "logOR (SE)", "OR (95% CI)", "SMD", "effect", "var_t", "var_c", "Mean T", "Mean C", "ci_low_t", "ci_high_t",
    "ci_low_c", "ci_high_c", "95% CI T", "n/N (%)", "Drug (n=40) Events", "mean (range)", "HR; 95% CI", "No. (%)",
    "№ of studies", "n", "N", "r (n)", "Comment",
)  # fmt: skip
CELLS = st.one_of(
    st.sampled_from([
        "", "NR", "12a", "12²", "10²", "12 (a)", "12 [1]", "3.1 mm", "0.3 cm", "40 pts", "n=40", "3k", "1O", "=1+1",
        "<0.001", "12/40", "12 of 40", "12 (30%)", "0.5 (0.2)", "0.5 (0,2)", "0.5 [0.3; 0.9]",
        "0.5 (0.3 to 0.9), p=0.03",
        "RR 0.5 (0.3-0.9)", "OR 0.5 (0.3-0.9)", "-5%", "yes", "no", "0", "1", "Drug", "Placebo", "2,456", "1e999", "²",
        "(", "±", "0.5 ±", "/", "495 (4 RCTs)", "Adams 2001",
    ]),
    st.text("0123456789.,;:()[]±/%abekmn= -²ªp", max_size=14),
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: f"{v:.3g}"),
)  # fmt: skip


def read(rows):
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return studies_of(open_file("a.csv", text.getvalue().encode()), NO_CHOICES).studies


def same(found, right) -> bool:
    assert (found.faults, found.questions) == ((), ())
    return np.allclose(found.yi, right.yi) and np.allclose(found.vi, right.vi)


@st.composite
def reviews(draw: st.DrawFn) -> list[tuple[str, float, float, int, float, float, int]]:
    measured = st.floats(1, 90).map(lambda v: round(v, 2))
    spread = st.floats(0.5, 20).map(lambda v: round(v, 2))
    size = st.integers(5, 400)
    rows = draw(
        st.lists(st.tuples(measured, spread, size, measured, spread, size), min_size=2, max_size=6)
    )
    return [(f"Trial {'ABCDEF'[k]}", *row) for k, row in enumerate(rows)]


@FEW
@given(reviews())
def test_a_turned_sheet_gives_the_same_effects(rows):
    upright = [("Study", *MEANS), *rows]
    assert same(read(list(zip(*upright, strict=True))), read(upright))


@FEW
@given(reviews(), st.sampled_from(["{} ({})", "{} [{}]", "{} ± {}", "{}±{}", "{} ({}) "]))
def test_two_numbers_in_a_cell_give_the_same_effects(rows, form):
    joined = [(n, form.format(a, b), i, form.format(c, d), j) for n, a, b, i, c, d, j in rows]
    head = ("Study", "Mean (SD) T", "N T", "Mean (SD) C", "N C")
    assert same(read([head, *joined]), read([("Study", *MEANS), *rows]))


@FEW
@given(reviews())
def test_variances_give_the_same_effects_as_their_roots(rows):
    squared = [(n, a, b * b, i, c, d * d, j) for n, a, b, i, c, d, j in rows]
    head = ("Study", "Mean T", "Variance T", "N T", "Mean C", "Variance C", "N C")
    assert same(read([head, *squared]), read([("Study", *MEANS), *rows]))


@FEW
@given(reviews(), st.sampled_from(["a", "*", " †", "²", " (b)", " mm", "mm"]), st.data())
def test_what_is_written_on_numbers_changes_none(rows, written, data):
    marked = [list(row) for row in rows]
    for row in marked:
        at = data.draw(st.sampled_from([1, 2, 4, 5]))
        row[at] = f"{row[at]}{written}"
    assert same(read([("Study", *MEANS), *marked]), read([("Study", *MEANS), *rows]))


@FEW
@given(
    st.lists(
        st.tuples(*[st.lists(st.integers(0, 40), min_size=3, max_size=12)] * 2),
        min_size=2,
        max_size=4,
    )
)
def test_patients_give_the_means_and_deviations_of_their_groups(trials):
    groups = [[np.array(g, float) for g in trial] for trial in trials]
    if any(len(set(g.tolist())) < 2 for trial in groups for g in trial):
        return
    names = [f"Trial {'ABCD'[k]}" for k in range(len(trials))]
    people = [
        (name, k, arm, int(x))
        for name, trial in zip(names, groups, strict=True)
        for k, (arm, x) in enumerate(
            (arm, x) for arm, g in zip(("Drug", "Placebo"), trial, strict=True) for x in g
        )
    ]
    summary = [
        (name, *(v for g in trial for v in (g.mean(), g.std(ddof=1), len(g))))
        for name, trial in zip(names, groups, strict=True)
    ]
    right = read([("Study", *MEANS), *summary])
    assert same(read([("study", "id", "arm", "pain"), *people]), right)


@given(st.lists(st.sampled_from(FIELDS), min_size=2, max_size=8, unique=True), st.data())
def test_any_cells_under_such_headings_are_read_asked_about_or_refused(head, data):
    rows = data.draw(
        st.lists(st.lists(CELLS, min_size=len(head), max_size=len(head)), min_size=1, max_size=9)
    )
    table = [head, *rows]
    if data.draw(st.booleans()):
        table = [list(row) for row in zip(*table, strict=True)]
    try:
        found = read(table)
    except Unreadable:
        return
    assert np.isfinite(found.yi).all()
    assert (found.vi > 0).all()
    assert all(str(f) for f in (*found.faults, *found.questions, *found.warnings))


@given(
    st.text("0123456789.,-+eEabcdfghkmlo²³ª*†()[]= %", max_size=12),
    st.sampled_from(["ai", "n1i", "m1i", "yi", "t1i"]),
)
def test_a_noted_number_is_the_beginning_of_its_cell_or_follows_its_label(text, role):
    found = noted(text, role)
    assert found is None or found.number.strip() in text.replace("\u00b7", ".")
