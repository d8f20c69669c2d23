"""How every printed definition of leakage and cement embolism is read: on which images, with or without symptoms."""

from __future__ import annotations

import pytest

from analysis.evidence import rules
from tests.unit.evidence_builder import result_row


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
