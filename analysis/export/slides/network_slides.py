"""A network on slides: every treatment against the reference as a native chart, the steps, and what differs."""

from __future__ import annotations

from analysis import vocabulary as words
from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.export.networks import fitted
from analysis.export.slides.answer_rows import heading_row, scale_for
from analysis.export.slides.chart import Line, Mark, important, over_small
from analysis.export.slides.deck import Column, Deck, Foot, add_said
from analysis.export.slides.parts import below_words, titled
from analysis.export.slides.plot import Plot, Row
from analysis.export.slides.question_deck import SOURCE, colour_of, on_axis, pale
from analysis.export.slides.rows import add_plot, rows_below, shown, split
from analysis.export.slides.table_slides import table_slides
from analysis.figures.network_table import network_table
from analysis.figures.words import axis_title
from analysis.network import Contrast, NetworkAnswer, transitivity, wording
from analysis.network.answer import Ends
from analysis.network.transitivity import doubts
from analysis.question import Question
from analysis.survey.provenance import data_line


def network_slides(question: Question, evidence: Evidence, link: str) -> bytes:
    """The deck.

    Raises
    ------
    NothingToTake
        Where there is no network.
    """
    net = fitted(question, evidence)
    foot = Foot(f"{data_line(evidence)}. {SOURCE}", link, evidence.sha256)
    deck = Deck(net.headline, net.sentence, foot)
    notes = "\n".join((net.sentence, *net.cautions, *net.details))
    rows: list[Row] = []
    for row in network_table(net):
        rows.append(heading_row(f"{row.treatment} against {words.SHORT[net.reference]}"))
        rows += _rows(row.contrast)
    favours = ("a treatment", words.SHORT[net.reference])
    left, right = favours if net.question.spec.lower_is_better else favours[::-1]
    _plots(
        deck,
        net,
        evidence,
        net.headline,
        net.sentence,
        rows,
        (f"◀ favours {left}", f"favours {right} ▶"),
        notes,
    )
    if net.steps:
        steps = [
            _row(
                f"{s.label}: {wording.versus(s.contrast.pair)}",
                s.contrast,
                s.contrast.combined,
                told=True,
            )
            for s in net.steps
        ]
        said = " ".join(f"{s.label}: {s.meaning}." for s in net.steps)
        _plots(
            deck,
            net,
            evidence,
            "What each step adds, from one network of trials",
            said,
            steps,
            ("", ""),
            notes,
        )
    columns = (
        Column("Comparison", 190), Column("Patients blinded", 110), Column(words.AGE_NAME, 130),
        Column(words.CAUSE_NAME, 130), Column("Before treatment", 90), Column("Trials", 230),
    )  # fmt: skip
    table = [
        (wording.versus(r.link.pair), r.blinding, r.age, r.cause, r.baseline, r.trials)
        for r in transitivity(net, evidence)
    ]
    table_slides(
        deck, "What differs between the comparisons that the network joins", columns, table,
        "\n".join(doubts(net, evidence)), noun="comparisons",
    )  # fmt: skip
    return deck.saved()


def _rows(one: Contrast) -> list[Row]:
    made = []
    if one.told_directly:
        made.append(_row("direct (the answer)", one, one.told, told=True))
        if one.indirect is not None:
            made.append(_row("indirect", one, one.indirect, told=False))
    name = "direct and indirect" if one.told_directly else "indirect (the answer)"
    return [*made, _row(name, one, one.combined, told=not one.told_directly)]


def _row(name: str, one: Contrast, ends: Ends, *, told: bool) -> Row:
    q = one.question
    hue = colour_of(q.intervention)
    values = (on_axis(q, v) for v in (ends.estimate, ends.low, ends.high))
    mark = Mark(
        name,
        *values,
        hue if told else pale(hue),
        "diamond" if told else "circle",
        11 if told else 8,
        2.5,
    )
    return Row(mark, (name, wording.estimate(q, ends)), bold=told)


def _plots(
    deck: Deck, net: NetworkAnswer, evidence: Evidence, title: str, said: str, rows: list[Row],
    sides: tuple[str, str], notes: str,
) -> None:  # fmt: skip
    q = net.question
    no_effect = Line("No effect", 1.0 if q.effect_measure in words.RATIOS else 0.0)
    lines = (no_effect, *important(net.mid))
    scale = scale_for([answer(q, evidence)], [row.mark for row in rows])
    caution = " ".join(net.cautions)
    parts = split(rows, (), rows_below(below_words(title, "results", said, caution)))
    for own_title, part in titled(title, parts, shown(parts), "results"):
        slide, top = deck.slide(own_title, notes)
        top += add_said(slide, said, caution, top)
        plot = Plot(
            tuple(part), (("", "left"), ("Estimate and interval", "right")), 1, scale, lines, sides, axis_title(q),
            "", (wording.model(net),), over_small(net.mid),
        )  # fmt: skip
        add_plot(slide, plot, top + 8, name="Network", text=said)
