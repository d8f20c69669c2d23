"""One row per patient: summarised per study and group where the columns say how, asked about or refused elsewhere."""

from __future__ import annotations

import math

import pytest

from analysis.reading import open_file
from analysis.reading.mapping import Choices, WrongChoice
from analysis.review.studies import read_studies
from tests.analysis.review.kinds import (
    ASKED,
    COUNTS,
    MD,
    MEANS,
    NAMES,
    OR,
    REFUSED,
    is_right,
    kind_of,
    said_of,
    sheet,
)


def patients(study, first, second):
    """One row per patient of two groups, as (study, number, group, value)."""
    both = [("Drug", x) for x in first] + [("Placebo", x) for x in second]
    return [(study, i, group, x) for i, (group, x) in enumerate(both, 1)]


def spread(mean, sd, n):
    """n numbers with this mean and SD."""
    raw = [math.sin(1 + 2.3 * i) for i in range(n)]
    middle = sum(raw) / n
    scale = math.sqrt(sum((x - middle) ** 2 for x in raw) / (n - 1))
    return [round(mean + sd * (x - middle) / scale, 6) for x in raw]


PATIENTS = [
    p for n, a, b, i, c, d, j in MEANS for p in patients(n, spread(a, b, i), spread(c, d, j))
]


EVENTS = [
    p
    for n, a, i, c, j in COUNTS
    for p in patients(n, ["yes"] * a + ["no"] * (i - a), ["yes"] * c + ["no"] * (j - c))
]


KINDS = {
    # one row per patient
    "patients with a score": (sheet("study,id,arm,pain", PATIENTS), MD, "one row per patient"),
    "patients with an event": (
        sheet("study,id,treatment,death", EVENTS),
        OR,
        "one row per patient",
    ),
    "patients, events as 0 and 1": (
        sheet("trial,patient,group,relapse", [(s, i, g, int(x == "yes")) for s, i, g, x in EVENTS]),
        OR,
        "",
    ),
    "patients with age and sex": (
        sheet(
            "study,id,age,sex,arm,pain",
            [(s, i, 50 + i % 30, "mf"[i % 2], g, x) for s, i, g, x in PATIENTS],
        ),
        MD,
        "",
    ),
    "patients with two outcomes": (
        sheet("study,id,arm,pain,disability", [(s, i, g, x, 2 * x) for s, i, g, x in PATIENTS]),
        ASKED,
        "one row per patient",
    ),
    "patients without groups": (
        sheet("study,id,pain", [(s, i, x) for s, i, _, x in PATIENTS]),
        [ASKED, REFUSED],
        "one row per patient",
    ),
    "patients of one trial": (
        sheet("id,group,pain", [(i, g, x) for s, i, g, x in PATIENTS if s == NAMES[0]]),
        [ASKED, REFUSED],
        "one row per patient",
    ),
    "patients with times to an event": (
        sheet("study,id,arm,death,time", [(s, i, g, x, 10 + i) for s, i, g, x in EVENTS]),
        ASKED,
        "without regard to time",
    ),
    "patients at two times": (
        sheet(
            "study,id,arm,visit,pain", [(s, i, g, v, x) for s, i, g, x in PATIENTS for v in "12"]
        ),
        REFUSED,
        "several rows of one patient",
    ),
    "patients with a word among values": (
        sheet("study,id,arm,pain", [*PATIENTS, (NAMES[0], 99, "Drug", "severe")]),
        REFUSED,
        "“severe”",
    ),
    "patients with a missing value": (
        sheet("study,id,arm,pain", [*PATIENTS, (NAMES[0], 99, "Drug", "NA")]),
        MD,
        "without a value",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_patients_are_summarised_or_asked_about(kind):
    content, right, words = KINDS[kind]
    found = kind_of(content)
    assert is_right(found, right), found
    assert words in said_of(content), said_of(content)


def test_only_what_holds_for_a_study_can_moderate_patients():
    rows = [(s, 10 if s == NAMES[0] else 20, i, 50 + i, g, x) for s, i, g, x in PATIENTS]
    (table,) = open_file("a.csv", sheet("study,dose,id,age,arm,pain", rows)).tables
    found = read_studies(table, Choices(mods=("dose",)))
    assert found.moderators == {"dose": [10, 20, 20, 20]}
    with pytest.raises(WrongChoice, match="age: no such column"):
        read_studies(table, Choices(mods=("age",)))
