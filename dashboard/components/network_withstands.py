"""What a network withstands: how wrong a trial may be before the verdict changes, and where trials disagree."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.appraisal.verdict import Verdict
from analysis.effects.scale import printed
from analysis.effects.study_effect import number
from analysis.network import NetworkAnswer, tolerances, wording
from analysis.network.small_trials import small_trials_sentence
from analysis.prose import listed
from analysis.question import Question
from dashboard.components.graph import table
from dashboard.components.page_parts import section


def withstands(net: NetworkAnswer) -> list[Component]:
    """How wrong a trial may be before the verdict changes, and the parts of Q."""
    network, q = net.network, net.question
    assert network is not None
    rows = [
        [
            one.trial.label,
            wording.versus(one.pair),
            _moved(q, one.low, one.says_low),
            _moved(q, one.high, one.says_high),
        ]
        for one in tolerances(net)[:6]
    ]
    parts: list[Component] = []
    if rows:
        parts += [
            html.P(
                "By how much one trial's effect may be wrong, downwards or upwards, before the network's verdict on "
                "this pair changes: is a bias of that size plausible?"
            ),
            table(
                ("Trial", "Compares", "Down, and what it would say then", "Up, and what then"), rows,
                "The trials whose bias would change the verdict first",
            ),
        ]  # fmt: skip
    designs = [
        [
            listed([words.SHORT[t] for t in design.treatments]),
            str(len(design.studies)),
            _q(design.q, design.df, design.p_value, "one trial"),
            _q(design.q_detached, design.df_detached, design.p_detached, "no loop left"),
        ]
        for design in network.designs
    ]  # fmt: skip
    parts += [
        table(
            ("Design", "Trials", "Q within it", "Q between designs without it"), designs,
            "Where trials disagree: within designs, and between them when one is taken out",
        ),
        html.P(small_trials_sentence(net), className="quiet"),
    ]  # fmt: skip
    return [section("What it withstands", *parts, id="withstands")]


def _moved(question: Question, by: float, says: Verdict | None) -> str:
    """A bias as text, in points or as the factor of a ratio, and the verdict beyond it."""
    if says is None:
        return "never"
    text = printed(question, by, False)
    return f"{'× ' if question.effect_measure in words.RATIOS else ''}{text}: {says.value}"


def _q(q: float, df: int, p: float | None, without: str) -> str:
    return without if not df or p is None else f"{number(q, 2)}, P {number(p, 2)}"
