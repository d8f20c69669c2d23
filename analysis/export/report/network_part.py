"""The part of a Question's report on the network of its trials."""

from __future__ import annotations

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.export.artefacts import NothingToTake
from analysis.export.networks import fitted
from analysis.export.report.page import Section, Table, figure
from analysis.figures.network import network_forest
from analysis.figures.network_table import COLUMNS, cells, network_table
from analysis.network import transitivity, wording
from analysis.network.transitivity import doubts
from analysis.question import Question


def network_section(question: Question, evidence: Evidence) -> list[Section]:
    """What all randomised trials of the outcome say together; nothing where they compare two treatments only."""
    try:
        net = fitted(question, evidence)
    except NothingToTake:
        return []
    if len(net.treatments) < 3:
        return []
    caption = (
        f"{question.spec.label} {wording.at(question)}: every treatment against {words.SPOKEN[net.reference]}. Where "
        "trials compared the two, their result is shown; otherwise the network's."
    )
    table = Table(caption, COLUMNS, tuple(cells(row) for row in network_table(net)))
    drawn = figure(
        "network-forest",
        network_forest(net, evidence),
        network_forest(net, evidence, narrow=True),
        caption,
        table,
    )
    columns = (
        "Comparison",
        "Patients blinded",
        words.AGE_NAME,
        words.CAUSE_NAME,
        "Before treatment",
        "Years",
        "Trials",
    )
    rows = tuple(
        (wording.versus(r.link.pair), r.blinding, r.age, r.cause, r.baseline, r.years, r.trials)
        for r in transitivity(net, evidence)
    )
    return [
        Section(
            "network",
            "What all randomised trials say together",
            lead=(net.sentence,),
            paragraphs=(*net.cautions, *net.details, *doubts(net, evidence)),
            figures=(drawn,),
            tables=(Table("What differs between the comparisons", columns, rows),),
        )
    ]
