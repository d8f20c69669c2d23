"""A forest that has the focus is read row by row with the keyboard, by one who does not see it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from analysis import Question, answer
from analysis.figures.beside import groups
from analysis.figures.forest_table import STUDY, forest_table
from analysis.figures.network_table import network_table
from analysis.figures.words import counted_text, interval_text
from analysis.network import network_answer
from analysis.survey.agreement import pairs, review_figure
from analysis.topic.vertebral import claims
from tests.evidence_builder import shipped

YEAR = Question(time="12m")


def walked(page: Page, figure: str) -> tuple[Locator, Locator]:
    """The drawing of a figure, with the focus, and the live region that speaks for it."""
    drawing = page.locator(f"#{figure} [data-walk]")
    drawing.focus()
    voice = page.locator(f"#{figure} .figure-voice")
    assert voice.get_attribute("role") == "status"
    return drawing, voice


def test_each_row_of_a_forest_says_its_study_effect_interval_sides_and_weight(tab):
    page = tab.open(f"/compare?{YEAR.to_query()}")
    drawing, voice = walked(page, "forest")
    rows = forest_table(answer(YEAR, shipped())).rows
    assert {row.kind for row in rows} > {STUDY}
    for i, row in enumerate(rows, 1):
        drawing.press("ArrowDown")
        pooled = "" if row.kind == STUDY else ", pooled result"
        weight = f"; Weight: {row.weight_text}" if row.weight_text else ""
        assert "difference" in row.side
        assert "important difference" in row.side
        expect(voice).to_have_text(
            f"Row {i} of {len(rows)}{pooled}: {row.label}; Effect: {row.value}; "
            f"Interval: {row.limits}; Side: {row.side}{weight}."
        )
    drawing.press("ArrowDown")  # there is no further row
    expect(voice).to_contain_text(f"Row {len(rows)} of {len(rows)}")
    drawing.press("Home")
    expect(voice).to_contain_text(f"Row 1 of {len(rows)}: {rows[0].label}")
    drawing.press("End")
    expect(voice).to_contain_text(f"pooled result: {rows[-1].label}")
    drawing.press("ArrowUp")
    expect(voice).to_contain_text(f"Row {len(rows) - 1} of {len(rows)}: {rows[-2].label}")
    drawing.press("Escape")
    expect(voice).to_have_text("Left the rows.")
    drawing.press("ArrowDown")
    expect(voice).to_contain_text("Row 1 of")
    assert tab.complaints == []


def test_enter_opens_the_study_of_the_row_and_gives_it_the_focus(tab):
    page = tab.open(f"/compare?{YEAR.to_query()}")
    drawing, _ = walked(page, "forest")
    drawing.press("ArrowDown")
    drawing.press("ArrowDown")
    drawing.press("Enter")
    second = forest_table(answer(YEAR, shipped())).studies[1].study.trial
    row = page.locator(f'details[data-trial="{second}"]')
    expect(row).to_have_attribute("open", "")
    expect(row.locator("summary")).to_be_focused()
    expect(page.locator("details[data-trial][open]")).to_have_count(1)
    assert tab.complaints == []


def first_front() -> tuple[str, ...]:
    row = claims.pain_layers("1m")[-1].rows[-1]
    return row.label, interval_text(answer(row.question, shipped())), "within the important difference"


def first_review() -> tuple[str, ...]:
    pair = groups(pairs(shipped()), one_group=False)[0].pairs[0]
    return review_figure(pair.reading), counted_text(pair.answer), "the important difference"


def first_network() -> tuple[str, ...]:
    row = network_table(network_answer(Question(), shipped()))[0]
    assert "important difference" in row.side
    return row.treatment, row.told, row.combined, row.side


@pytest.mark.parametrize(
    ("path", "figure", "key", "parts"),
    [
        ("/", "pain", "ArrowDown", first_front),
        ("/reviews", "compared-0", "Home", first_review),
        ("/network", "network-forest", "Home", first_network),
    ],
    ids=["front page", "reviews", "network"],
)
def test_other_forests_speak_too_and_enter_follows_the_row(tab, path, figure, key, parts):
    page = tab.open(path)
    drawing, voice = walked(page, figure)
    drawing.press(key)
    if path == "/":
        drawing.press(key)  # the first row was never tested
    for part in parts():
        expect(voice).to_contain_text(part)
    drawing.press("Enter")
    page.wait_for_url("**/compare?*")
    tab.still()
    assert tab.complaints == []
