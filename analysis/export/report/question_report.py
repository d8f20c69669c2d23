"""The report of one Question."""

from __future__ import annotations

from analysis.answer import Answer, answer
from analysis.evidence import Evidence
from analysis.export.methods import methods
from analysis.export.provenance import origin_of
from analysis.export.question_settings import question_settings
from analysis.export.references import references_of
from analysis.export.report import parts
from analysis.export.report.network_part import network_section
from analysis.export.report.page import Report, Section, Table, figure, html
from analysis.figures import forest
from analysis.figures.words import caption
from analysis.question import Question

_TRAILS = (
    "Study by study: the steps from report to effect, then the reported results with their sources."
)


def question_report(question: Question, evidence: Evidence, link: str) -> bytes:
    """One HTML file; where no study answers, it says so and shows what was left out and why."""
    found, origin = answer(question, evidence), origin_of(evidence, link)
    title = question.title()
    sections: list[Section] = []
    if found.pooled is not None:
        sections = [
            _figure(found),
            parts.certainty(found, evidence),
            parts.firmness(found, evidence),
        ]
    sections += network_section(question, evidence)
    sections.append(parts.flow(found, evidence))
    if found.pooled is not None:
        sections.append(
            Section(
                "trails",
                "Where each number comes from",
                paragraphs=(_TRAILS,),
                parts=parts.trails(found, evidence),
            )
        )
    sections.append(Section("asked", "What was asked", tables=(_asked(question),)))
    sections.append(
        Section(
            "methods",
            "Methods, ready to paste",
            paragraphs=tuple(f"{name}. {text}" for name, text in methods(found, evidence, origin)),
        )
    )
    if found.studies:
        listed = references_of((found,), evidence)
        sections.append(parts.reference_section(listed, title, question.slug(), origin))
    sections.append(parts.citing(title, origin))
    return html(
        Report(
            title=title,
            finding=found.headline,
            said=tuple(
                text
                for text in (
                    found.sentence,
                    *found.cautions,
                    found.change_line,
                    *found.details,
                    _about_mid(found),
                )
                if text
            ),
            facts=parts.origin_facts(origin),
            sections=tuple(sections),
        )
    )


def _figure(found: Answer) -> Section:
    text = caption(found)
    drawn = figure(
        "forest", forest(found), forest(found, narrow=True), text, parts.study_table(found, text)
    )
    return Section("result", "The studies and their result", figures=(drawn,))


def _asked(question: Question) -> Table:
    return Table("The question, setting by setting", ("Setting", "Chosen"), question_settings(question))


def _about_mid(found: Answer) -> str:
    if found.mid is None or found.question.one_group or found.pooled is None:
        return ""
    return (
        f"Minimal important difference: {found.mid.value:g} {found.question.spec.unit} ({found.mid.text}). It was "
        "measured within patients: a smaller average difference does not mean that no patient benefits."
    )
