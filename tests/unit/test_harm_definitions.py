"""How every printed definition of leakage and cement embolism is read: on which images, with or without symptoms.

The list is complete: a definition that the data gain must be read by a person and entered here.
"""

from __future__ import annotations

import pytest

from analysis.evidence import rules
from analysis.evidence.rows import outcome_rows
from tests.unit.evidence_builder import result_row, shipped

# printed definition: (imaging, symptoms)
LEAKAGE = {
    "vertebral levels with extravasation, independent X-ray reading": ("radiograph", "unstated"),
    "vertebral levels with extravasation, secondary analysis": ("unstated", "unstated"),
    "cement leakage and adjacent fracture (units not stated)": ("unstated", "unstated"),
    "levels with any extravasation": ("unstated", "unstated"),
    "levels with extravasation, secondary analysis": ("unstated", "unstated"),
    "levels treated with extravasation on CT": ("CT", "unstated"),
    "vertebral levels with extravasation, secondary analysis (site-reported per abstract)": ("unstated", "unstated"),
    "vertebrae with (asymptomatic) PMMA leakage": ("unstated", "asymptomatic"),
    "vertebrae with cement leak": ("unstated", "unstated"),
    "patients with cement leakage (without clinical repercussion)": ("unstated", "asymptomatic"),
    "treated vertebrae with any perivertebral cement leakage on CT (levels)": ("CT", "unstated"),
    "vertebrae with perivertebral venous leakage (levels, among the 64 with leakage)": ("CT", "unstated"),
    "vertebrae with discal leakage (levels, among the 64 with leakage)": ("CT", "unstated"),
    "vertebrae with soft tissue leakage (levels, among the 64 with leakage)": ("CT", "unstated"),
    "cement leakage rate (denominator not stated; 82 levels treated)": ("unstated", "unstated"),
    "asymptomatic cement leakage (levels)": ("unstated", "asymptomatic"),
    "asymptomatic cement leakage outside vertebral body (levels)": ("unstated", "asymptomatic"),
    "cement leakage (patients)": ("unstated", "unstated"),
    "cement leakage (levels)": ("unstated", "unstated"),
    "leak into disc space (patients)": ("unstated", "unstated"),
    "leak into cerebrospinal fluid/canal (patients)": ("unstated", "unstated"),
    "cement leakage (vertebrae)": ("unstated", "unstated"),
    "intervertebral cement leakage (patients)": ("unstated", "unstated"),
    "small asymptomatic leaks (levels)": ("unstated", "asymptomatic"),
    "asymptomatic cement leakage (cases)": ("unstated", "asymptomatic"),
    "venous leakage": ("unstated", "unstated"),
    "cement extravasation (procedures/levels)": ("unstated", "unstated"),
    "asymptomatic cement leak (vertebrae)": ("unstated", "asymptomatic"),
    "cement leakage (vertebral bodies)": ("unstated", "unstated"),
    "cement leakage rate (unit not stated)": ("unstated", "unstated"),
    "asymptomatic cement leakage (patients)": ("unstated", "asymptomatic"),
    "intraoperative cement leakage outside vertebra (patients)": ("unstated", "unstated"),
    "cement leakage (unit not stated)": ("unstated", "unstated"),
    "extravasation (treated VCFs)": ("unstated", "unstated"),
    "asymptomatic leakage (vertebrae)": ("unstated", "asymptomatic"),
    "asymptomatic leakage into upper disc (vertebrae)": ("unstated", "asymptomatic"),
    "cement leakage (6/45)": ("unstated", "unstated"),
    "cement leak (cases)": ("unstated", "unstated"),
    "cement extravasation (cases)": ("unstated", "unstated"),
    "cement leakage on X-ray (vertebrae)": ("radiograph", "unstated"),
    "limited cement leakage (patients)": ("unstated", "unstated"),
    "bone cement leakage": ("unstated", "unstated"),
    "leakage into the intervertebral disc (patients)": ("unstated", "unstated"),
    "asymptomatic cement leakage (vertebrae)": ("unstated", "asymptomatic"),
    "asymptomatic cement extravasation": ("unstated", "asymptomatic"),
    "cement leakage (cases)": ("unstated", "unstated"),
    "type-C paraspinal leakage; denominator unit not stated": ("unstated", "unstated"),
    "type-C intradiscal leakage; denominator unit not stated": ("unstated", "unstated"),
    "type-C posterior (spinal canal) leakage; denominator unit not stated": ("unstated", "unstated"),
    "type-B leakage; denominator unit not stated": ("unstated", "unstated"),
    "type-S leakage; denominator unit not stated": ("unstated", "unstated"),
    "treated vertebrae with any perivertebral leakage on CT, all patients asymptomatic": ("CT", "none symptomatic"),
    "vertebrae with discal leakage, of leaking vertebrae": ("CT", "unstated"),
    "vertebroplasties with leak (unit as printed: vertebroplasties)": ("unstated", "unstated"),
    "patients with extravasation on intraoperative radiographs": ("radiograph", "unstated"),
    "levels with any cement extravasation, X-ray, independent laboratory": ("radiograph", "unstated"),
    "levels with cement extravasation, secondary analysis (definition not on the page)": ("unstated", "unstated"),
    "patients with implant-site extravasation reported as a related adverse event (not radiographic leakage)": ("unstated", "unstated"),  # noqa: E501
    "vertebrae with leakage (a further 20 had needle-track leakage), all asymptomatic": ("unstated", "none symptomatic"),  # noqa: E501
    "vertebrae with leakage": ("unstated", "unstated"),
    "levels with any leakage": ("unstated", "unstated"),
    "type-B (basivertebral) leakage": ("unstated", "unstated"),
    "type-C (cortical) leakage": ("unstated", "unstated"),
    "type-S (segmental vein) leakage": ("unstated", "unstated"),
    "patients with leakage into a paravertebral vein (this site only)": ("CT", "unstated"),
    "vertebral bodies with leakage into a paravertebral vein (this site only)": ("CT", "unstated"),
    "patients (single level) with any leakage": ("unstated", "unstated"),
    "patients with venous-type leakage": ("unstated", "unstated"),
    "patients with cortical-type leakage": ("unstated", "unstated"),
    "patients with leakage": ("unstated", "unstated"),
    "probability of leak, osteoporotic fractures (unit not stated)": ("CT", "unstated"),
    "probability of leak, osteolytic metastases (unit not stated)": ("CT", "unstated"),
    "treated vertebrae with epidural leak": ("CT", "unstated"),
    "patients with intraoperative leakage": ("unstated", "unstated"),
}  # fmt: skip

EMBOLISM = {
    "vertebroplasties (levels) with venous PMMA migration to the lungs seen on fluoroscopy": ("fluoroscopy", "unstated"),  # noqa: E501
    "cement pulmonary embolism (patients)": ("unstated", "unstated"),
    "symptomatic pulmonary embolism (patients)": ("unstated", "symptomatic"),
    "distant-organ cement embolism (patients)": ("unstated", "unstated"),
    "patients with cement embolism among those with postoperative pulmonary CT": ("CT", "unstated"),
    "patients with cement embolism on chest radiograph, confirmed on CT": ("radiograph", "unstated"),
    "procedures with cement emboli on chest radiograph (all asymptomatic; all myeloma patients)": ("radiograph", "none symptomatic"),  # noqa: E501
    "patients with cement embolism on chest CT, all asymptomatic": ("CT", "none symptomatic"),
    "venous cement migration toward the lungs on fluoroscopy; all asymptomatic at 1 year": ("fluoroscopy", "none symptomatic"),  # noqa: E501
    "patients with at least one cement embolism on chest CT (any)": ("CT", "unstated"),
    "patients symptomatic from cement embolism": ("CT", "symptomatic"),
    "patients with symptomatic cement pulmonary embolism (systemic complication); one died": ("unstated", "symptomatic"),  # noqa: E501
    "patients with cement embolism, serious, cement-related (both after treatment of a subsequent fracture)": ("unstated", "unstated"),  # noqa: E501
    "patients with cement embolism on immediate whole-chest CT": ("CT", "unstated"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "expected"),
    [("cement_leakage", LEAKAGE), ("pulmonary_embolism", EMBOLISM)],
    ids=["leakage", "embolism"],
)
def test_every_printed_definition_is_read_as_listed(source, expected):
    found = {}
    for row in outcome_rows(shipped(), source):
        found.setdefault(row["instrument"], set()).add((rules.imaging(row), rules.symptoms(row)))
    assert found == {definition: {reading} for definition, reading in expected.items()}


def test_where_the_definition_names_no_images_the_printed_time_may():
    row = result_row(instrument="patients symptomatic from embolism", timepoint="later chest CT")
    assert rules.imaging(row) == "CT"


def test_a_remark_on_the_reading_is_no_definition():
    row = result_row(instrument="patients with leakage", note="CT-detected, says a review")
    assert rules.imaging(row) == "unstated"


def test_where_it_was_found_comes_before_what_confirmed_it():
    row = result_row(instrument="embolism on chest radiograph, confirmed on CT")
    assert rules.imaging(row) == "radiograph"


@pytest.mark.parametrize("text", ["direct leak", "radiographic leakage", "restricted to discs"])
def test_letters_inside_other_words_are_no_images(text):
    assert rules.imaging(result_row(instrument=text)) == "unstated"


def test_asymptomatic_events_counted_are_not_the_statement_that_none_had_symptoms():
    counted = result_row(instrument="asymptomatic leakage (levels)")
    said = result_row(instrument="leakage on CT, all patients asymptomatic")
    assert (rules.symptoms(counted), rules.symptoms(said)) == ("asymptomatic", "none symptomatic")
