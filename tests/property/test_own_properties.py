"""Whatever a reader's browser or file holds: an answer or a sentence, never a crash, a hang or a mark that is lost."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.answer import answer, shipped_evidence
from analysis.evidence.own import OWN_TABLES, OwnRows, is_own, with_own
from analysis.evidence.schema import TABLES
from analysis.question import Question
from analysis.reading import Unreadable, open_file
from analysis.reading.mapping import NO_CHOICES, Choices
from analysis.reading.roles import ROLES
from analysis.review.opening import studies_of
from analysis.review.rows import Told, decide
from analysis.review.studies import read_studies
from analysis.upload.candidate import review
from analysis.upload.files import LIMITS
from analysis.upload.flat import Settings, read_flat
from analysis.upload.tables import Sheet, read_tables
from analysis.upload.what_if import Found, NoTrial, hypothetical
from dashboard import own as page
from dashboard.components.own_file import settings_of
from tests.own_studies import MEANS, own_rows

EVIDENCE = shipped_evidence()
FEW = settings(max_examples=settings.default.max_examples // 5)
"""For what merges evidence each time: a fifth of a second."""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip
CELL = st.one_of(
    st.sampled_from(["", "NA", "1", "-1", "0", "1e308", "1e-308", "nan", "inf", "1,5", "=1+1", "<b>", "\ud800", "\0"]),
    st.text(max_size=12),
    st.floats(allow_nan=False).map(repr),
)  # fmt: skip


def sound(own: OwnRows) -> None:
    """Rows that entered carry their mark and can be asked; those that did not are faults with words."""
    merged = with_own(EVIDENCE, own)
    for row in merged.studies.to_dict("records"):
        if row["study_id"] in merged.own:
            assert row["label"].endswith(("(your study)", "(hypothetical)"))
            assert "<" not in row["label"]
    assert all(f.allowed and str(f) for f in merged.faults)
    assert all(map(is_own, merged.own))
    if merged.personal:
        found = answer(Question(), merged)
        named = sum(is_own(s.study_id) for s in found.studies)
        assert bool(found.marks) == bool(named)


@given(
    JSON
    | st.fixed_dictionaries(
        {}, optional=dict.fromkeys((*OWN_TABLES, "off", "active", "only"), JSON)
    )
)
def test_any_json_in_the_store_gives_evidence_and_a_banner(kept):
    theirs = page.evidence_for(EVIDENCE, kept)
    page.banner(kept, theirs)
    assert page.footer_line(theirs)
    assert page.evidence_for(EVIDENCE, json.loads(json.dumps(kept))).version == theirs.version


@given(st.data())
@FEW
def test_any_cells_in_sound_rows_give_marked_studies_or_faults(data):
    stored = json.loads(json.dumps(own_rows().to_store()))
    for _ in range(data.draw(st.integers(1, 4))):
        name = data.draw(st.sampled_from([n for n in OWN_TABLES if stored[n]]))
        row = data.draw(st.sampled_from(stored[name]))
        row[data.draw(st.sampled_from(list(TABLES[name].columns)))] = data.draw(CELL)
    sound(OwnRows.from_store(stored))


@given(st.binary(max_size=400) | st.binary(max_size=300).map(lambda b: b"PK\x03\x04" + b))
def test_any_bytes_are_sheets_or_a_refusal_in_words(content):
    try:
        opened = open_file("x.csv", content, LIMITS)
    except Unreadable:
        return
    brought = studies_of(opened, NO_CHOICES).studies
    assert brought.faults or brought.questions or np.isfinite(brought.yi).all()
    for sheet in opened.tables:
        found = decide(sheet, NO_CHOICES, Told(), one_outcome=False)
        review(read_flat(found, Settings(), "x.csv"), EVIDENCE)
        review(read_tables((Sheet("x.csv", sheet),)), EVIDENCE)


@given(st.data())
@FEW
def test_any_cells_and_roles_of_a_flat_sheet_give_studies_that_pass_every_rule(data):
    lines = [line.split(",") for line in MEANS.strip().splitlines()]
    for _ in range(data.draw(st.integers(1, 6))):
        row = data.draw(st.integers(1, len(lines) - 1))
        at = data.draw(st.integers(0, len(lines[0]) - 1))
        lines[row][at] = data.draw(CELL.filter(lambda c: not set(c) & set(',\n\r"\0\ud800')))
    content = "\n".join(",".join(line) for line in lines).encode("utf-8", "replace")
    try:
        (sheet,) = open_file("x.csv", content, LIMITS).tables
    except Unreadable:
        return
    roles = ()
    if data.draw(st.booleans()):
        column = data.draw(st.sampled_from(sheet.columns))
        roles = ((data.draw(st.sampled_from([r for r in ROLES if r])), column),)
    choices = Choices(roles=roles)
    brought = read_studies(sheet, choices)
    assert np.isfinite(brought.yi).all()
    assert (brought.vi > 0).all()
    chosen = data.draw(
        st.dictionaries(st.sampled_from(["outcome", "weeks", "scale_min", "measure"]), JSON)
    )
    found = decide(sheet, choices, Told(), one_outcome=False)
    checked = review(read_flat(found, settings_of(chosen), "x.csv"), EVIDENCE)
    assert with_own(EVIDENCE, checked.sound).faults == EVIDENCE.faults
    assert all(f.file == "x.csv" and f.row for f in checked.faults)


NUMBER = st.none() | st.floats() | st.integers(-5, 500).map(float)


QUESTIONS = (
    Question(),
    Question(outcome="mortality"),
    Question(outcome="mortality", measure="RD"),
)


@given(NUMBER.filter(lambda v: v is not None), st.tuples(*[NUMBER] * 4), st.sampled_from(QUESTIONS))
@FEW
def test_any_numbers_make_a_marked_trial_or_a_refusal_in_words(value, precision, question):
    before = answer(question, EVIDENCE)
    try:
        trial = hypothetical(question, Found(value, *precision), before, 1)
    except NoTrial as refused:
        trial, said = OwnRows(), str(refused)
    else:
        said = "allowed"
    assert "allowed" in said
    own = OwnRows.from_store(trial.to_store())
    sound(own)
    answer(question, with_own(EVIDENCE, own))


@pytest.mark.parametrize("se", [1e-300, 1e-100, 1e-8, 1e8, 1e100, 1e155])
@pytest.mark.parametrize("question", QUESTIONS[:2], ids=Question.slug)
def test_an_absurd_precision_never_reaches_a_pool(question, se):
    for value in (1e-300, 1.0, 9.0):
        try:
            trial = hypothetical(question, Found(value, se=se), answer(question, EVIDENCE), 1)
        except NoTrial:
            continue
        found = answer(question, with_own(EVIDENCE, trial))
        assert all(1e-12 <= s.vi <= 1e12 for s in found.studies)
