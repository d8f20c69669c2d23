"""Any table, whatever its columns are called and its cells hold, is read, asked about or refused in words."""

from __future__ import annotations

import contextlib

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.reading import Table, Unreadable
from analysis.reading.effect_words import EFFECT, LOWER, MEASURES, UPPER
from analysis.reading.mapping import Choices, WrongChoice
from analysis.reading.opened import Opened
from analysis.reading.quantity_words import CONTROL, QUANTITIES, TREATED
from analysis.reading.whole_names import EXACT, WORD_ROLES
from analysis.review.fitted import Options
from analysis.review.models import fit
from analysis.review.opening import studies_of

PHRASES = sorted(
    {" ".join(p) for many in (*QUANTITIES.values(), *MEASURES.values(), EFFECT, LOWER, UPPER) for p in many}
)  # fmt: skip
GROUPS = sorted(TREATED | CONTROL | {"1", "2", "3", "a", "b"})
name = (
    st.sampled_from(sorted(EXACT))
    | st.sampled_from(sorted({n for names in WORD_ROLES.values() for n in names}))
    | st.builds("{} {}".format, st.sampled_from(PHRASES), st.sampled_from(GROUPS))
    | st.builds("{}_{}".format, st.sampled_from(GROUPS), st.sampled_from(PHRASES))
    | st.sampled_from(PHRASES)
    | st.text(max_size=8)
)
number = st.floats(-1e9, 1e9, allow_nan=False) | st.integers(-2, 60).map(float)
shown = st.builds("{:.{}f}".format, st.floats(-50, 500), st.integers(0, 3))
cell = (
    st.none()
    | number
    | shown
    | st.builds("{} ({})".format, shown, shown)
    | st.builds("{} [{}; {}]".format, shown, shown, shown)
    | st.builds("{}/{}".format, st.integers(0, 50), st.integers(0, 50))
    | st.sampled_from(["NR", "<0.001", "45%", "3,1", "1.234", "Total", "placebo", "drug", "=A1", "∞", "1e400"])
)  # fmt: skip
SETS = (
    ("study", "ai", "n1i", "ci", "n2i"), ("study", "m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"),
    ("study", "OR", "lower", "upper"), ("study", "yi", "sei"), ("study", "arm", "events", "n"),
    ("study", "O-E", "V"), ("study", "RR", "p"), ("study", "xi", "ni"), ("study", "treat1", "treat2", "TE", "seTE"),
)  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> Table:
    header = list(draw(st.sampled_from(SETS) | st.just(())))
    header += draw(st.lists(name, min_size=0 if header else 2, max_size=4))
    header = list(dict.fromkeys(h.strip() or "column" for h in header))
    k = draw(st.integers(1, 5))
    labels = st.sampled_from(["A 2001", "B 2004", "C", "Total", "", "7"])
    rows = [[draw(labels if h == "study" else cell) for h in header] for _ in range(k)]
    return Table("t", tuple(header), tuple(map(tuple, rows)), tuple(range(2, k + 2)))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables(), st.data())
def test_a_table_is_read_asked_about_or_refused(table, data):
    choices = Choices()
    for _ in range(4):
        try:
            studies = studies_of(Opened("CSV", (table,)), choices).studies
        except (Unreadable, WrongChoice):
            return
        if not studies.questions:
            break
        question = data.draw(st.sampled_from(studies.questions))
        assert question.text.rstrip().endswith((".", "?"))
        assert question.choices
        told = data.draw(st.sampled_from(question.choices)).options
        roles = tuple(tuple(v.split("=", 1)) for k, v in told if k == "map")
        others = {k: v for k, v in told if k != "map"}
        choices = Choices(
            others.get("measure", choices.measure), (*choices.roles, *roles),
            analysis=others.get("analysis", choices.analysis), cluster=others.get("cluster", choices.cluster),
        )  # fmt: skip
    if studies.faults or studies.questions or not len(studies.yi):
        return
    assert np.isfinite(studies.yi).all()
    assert (studies.vi > 0).all()
    assert np.isfinite(studies.vi).all()
    with contextlib.suppress(ValueError):
        fit(studies, Options())
