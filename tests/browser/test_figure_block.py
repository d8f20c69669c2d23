"""A figure on a page: its look follows the page, a screen reader meets words, and it can be taken away."""

from __future__ import annotations

from collections.abc import Iterator

import dash_mantine_components as dmc
import plotly.graph_objects as go
import pytest
from dash import html
from playwright.sync_api import expect

from dashboard import theme
from dashboard.components.downloads import page_tools
from dashboard.components.graph import figure_block
from dashboard.document import Document

FIGURE = go.Figure(
    [go.Scatter(x=[1.0, 2.0, 3.0], y=["a", "b", "c"], mode="markers", marker={"color": "#0072B2"})],
    {"height": 300, "xaxis": {"title": {"text": "points"}}, "template": "simple_white"},
)


@pytest.fixture(scope="module")
def figure_address(serve) -> Iterator[str]:
    app = Document("dashboard", update_title=None)
    app.layout = dmc.MantineProvider(
        [
            html.Main(
                [
                    html.H1("One figure"),
                    html.Div(page_tools("/words", ""), id="page-tools"),
                    html.Div(
                        figure_block(
                            "three",
                            FIGURE,
                            caption="Three points.",
                            columns=["Name", "Value"],
                            rows=[["a", 1], ["b", 2], ["c", 3]],
                            file_name="three-points",
                        ),
                        id="content",
                    ),
                    dmc.ColorSchemeToggle(id="toggle", **{"aria-label": "Scheme"}),
                ]
            )
        ],
        theme=theme.MANTINE,
        defaultColorScheme="auto",
    )
    with serve(app) as where:
        yield where


@pytest.fixture
def page(new_tab, figure_address):
    tab = new_tab()
    tab.page.goto(figure_address)
    tab.page.locator(".js-plotly-plot .xtitle").wait_for()
    yield tab.page
    assert tab.complaints == []


def axis_colour(page) -> str:
    return page.locator(".xtitle").evaluate("e => getComputedStyle(e).fill")


def test_text_of_a_figure_follows_the_colour_scheme_and_its_marks_do_not(page):
    light = axis_colour(page)
    page.get_by_role("button", name="Scheme").click()
    assert light == "rgb(27, 32, 38)"
    expect(page.locator(".xtitle")).to_have_css("fill", "rgb(223, 227, 231)")
    marks = page.locator(".points path").first.evaluate("e => getComputedStyle(e).fill")
    assert marks == "rgb(0, 114, 178)"


def test_a_screen_reader_meets_caption_and_table_instead_of_the_drawing(page):
    assert page.get_by_role("figure", name="Three points.").count() == 1
    hidden = page.locator("svg.main-svg").evaluate_all(
        "all => all.map(e => e.getAttribute('aria-hidden'))"
    )
    assert hidden
    assert set(hidden) == {"true"}
    page.get_by_text("The same numbers as a table").click()
    cells = page.get_by_role("table").locator("tbody tr").nth(1).locator("th, td")
    assert cells.all_text_contents() == ["b", "2"]


@pytest.mark.parametrize(
    ("kind", "head"), [("SVG", b"<svg"), ("PNG", b"\x89PNG\r\n\x1a\n")], ids=["svg", "png"]
)
def test_a_figure_can_be_downloaded_in_the_light_scheme(page, tmp_path, kind, head):
    page.get_by_role("button", name="Scheme").click()  # dark on the screen
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    with page.expect_download() as started:
        page.get_by_text("Download or cite").click()
        page.get_by_role("button", name=f"Picture as {kind}").click()
    assert started.value.suggested_filename == f"three-points.{kind.lower()}"
    target = tmp_path / "figure"
    started.value.save_as(target)
    content = target.read_bytes()
    assert content.startswith(head)
    if kind == "SVG":
        assert b"points" in content
        assert b'width="1200"' in content
        assert b"rgb(223, 227, 231)" not in content  # the ink of the dark scheme
    else:
        assert int.from_bytes(content[16:20], "big") == 2400  # pixels wide: 1200 at scale 2


def test_a_figure_has_no_toolbar_that_could_upload_it(page):
    assert page.locator(".modebar-btn").count() == 0
