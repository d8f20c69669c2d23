"""A network as sheets: what is told of each pair, the trials, what differs between them, and the next trial."""

from __future__ import annotations

import math
from collections.abc import Sequence

from analysis import vocabulary as words
from analysis.effects.scale import shown as on_print
from analysis.evidence import Evidence
from analysis.export.columns import ABOUT, Column
from analysis.export.networks import fitted, shown
from analysis.export.provenance import origin_of
from analysis.export.question_settings import question_settings
from analysis.export.sheets import Cell, Sheet, codebook
from analysis.export.spreadsheet import to_xlsx
from analysis.network import NetworkAnswer, next_trials, tolerances, transitivity, wording
from analysis.network.answer import Ends
from analysis.network.next_trial import SIZES
from analysis.question import Question

_PRINT = "as reported: points or a ratio"
_POOLED = "scale of pooling (ratios: natural logarithm)"


def network_xlsx(question: Question, evidence: Evidence, link: str) -> bytes:
    """The workbook.

    Raises
    ------
    NothingToTake
        Where there is no network.
    """
    net = fitted(question, evidence)
    content = [_pairs(net), _trials(net), _differences(net, evidence), _next(net), _withstands(net)]
    content = [sheet for sheet in content if sheet.rows]
    return to_xlsx(
        [_about(net, evidence, link), *content, codebook(content)], f"Network: {question.title()}"
    )


def _result(name: str, what: str) -> tuple[Column, ...]:
    return (
        Column(name, f"{what}: first treatment minus second, or their ratio", _PRINT, 2),
        Column(f"{name}_low", "lower limit of its interval", _PRINT, 2),
        Column(f"{name}_high", "upper limit of its interval", _PRINT, 2),
    )


def _numbers(question: Question, ends: Ends | None) -> tuple[Cell, ...]:
    if ends is None:
        return (None, None, None)
    values = on_print(question.effect_measure, [ends.estimate, ends.low, ends.high])
    return tuple(float(value) for value in values)


def _pairs(net: NetworkAnswer) -> Sheet:
    columns = (
        Column("first", "first treatment"),
        Column("second", "second treatment"),
        Column("told", "the verdict, and whether it is indirect"),
        *_result("direct", "trials that compare the two, as the answer of that comparison"),
        *_result("indirect", "what the other trials say of the two"),
        *_result("together", "direct and indirect evidence"),
        Column("interval", "kind of the interval of `together`: confidence (CI) or credible (CrI)"),
        Column("direct_share", "share of direct evidence in `together`", "percent", 1),
        Column("split_p", "P of the difference between direct and indirect", "probability", 3),
        Column("hangs_on", "what `together` rests on"),
        Column("weakness", "what makes it worth less than its interval says"),
    )
    rows = [
        (
            words.TREATMENTS[one.pair[0]],
            words.TREATMENTS[one.pair[1]],
            wording.said_of(one),
            *_numbers(one.question, one.told if one.told_directly else None),
            *_numbers(one.question, one.indirect),
            *_numbers(one.question, one.combined),
            one.kind,
            100 * one.share,
            one.split_p,
            wording.hangs(one, most=20) or None,
            " ".join(one.weak) or None,
        )
        for one in shown(net)
    ]
    return Sheet("pairs", columns, tuple(rows))


def _trials(net: NetworkAnswer) -> Sheet:
    columns = (
        Column("trial", "the trial: study_id of its main report"),
        Column("name", "name of the trial"),
        Column("design", "kind of study"),
        Column("blinded", "whether patients were blinded"),
        Column("first", "first treatment"),
        Column("second", "second treatment"),
        Column("yi", "effect as it is used: first minus second", _POOLED, 4),
        Column("sei", "its standard error", _POOLED, 4),
        Column("n_first", "patients of the first", "patients"),
        Column("n_second", "patients of the second", "patients"),
        Column("share", "share of the trial in the answer asked for", "percent", 1),
    )
    share = {trial.trial: part for trial, part in net.asked.trials} if net.asked else {}
    rows = [
        (
            effect.trial, effect.label, words.DESIGNS[effect.design], "yes" if trial.blinded else "no",
            words.TREATMENTS[t], words.TREATMENTS[c], effect.yi, effect.se, _known(effect.n_t), _known(effect.n_c),
            100 * share[trial.trial] if trial.trial in share else None,
        )
        for trial in net.trials
        for (t, c), effect in trial.effects.items()
    ]  # fmt: skip
    return Sheet("trials", columns, tuple(rows))


def _known(value: float) -> Cell:
    return value if value == value else None


def _differences(net: NetworkAnswer, evidence: Evidence) -> Sheet:
    columns = (
        Column("comparison", "the two treatments"),
        Column("trials", "its trials"),
        Column("blinding", "whether patients were blinded"),
        Column("age", words.AGE_NAME),
        Column("cause", words.CAUSE_NAME),
        Column(
            "baseline", "the outcome before treatment, mean over the arms that report it", "points"
        ),
        Column("years", "years of publication"),
    )
    rows = [
        (
            wording.versus(r.link.pair),
            r.trials,
            r.blinding,
            r.age,
            r.cause,
            r.baseline or None,
            r.years,
        )
        for r in transitivity(net, evidence)
    ]
    return Sheet("what differs", columns, tuple(rows))


def _next(net: NetworkAnswer) -> Sheet:
    columns = (
        Column("trial_of", "the two treatments of a trial that nobody has done"),
        *(
            Column(
                f"half_width_{n}", f"half the width of its interval after it, {n} patients in each group", _POOLED, 3)
            for n in SIZES
        ),
    )  # fmt: skip
    rows = [(wording.versus(one.pair), *one.halves) for one in next_trials(net)]
    return Sheet("next trial", columns, tuple(rows))


def _withstands(net: NetworkAnswer) -> Sheet:
    columns = (
        Column("trial", "name of the trial"),
        Column("compares", "its two treatments"),
        Column("down", "how far its effect may be wrong downwards; empty: any bias leaves the verdict", _POOLED, 3),
        Column("says_down", "the verdict of the network beyond it"),
        Column("up", "how far its effect may be wrong upwards; empty: any bias leaves the verdict", _POOLED, 3),
        Column("says_up", "the verdict of the network beyond it"),
    )  # fmt: skip
    rows = [
        (
            one.trial.label, wording.versus(one.pair), _finite(one.low), one.says_low.value if one.says_low else None,
            _finite(one.high), one.says_high.value if one.says_high else None,
        )
        for one in tolerances(net)
    ]  # fmt: skip
    return Sheet("what it withstands", columns, tuple(rows))


def _finite(value: float) -> Cell:
    return value if math.isfinite(value) else None


def _about(net: NetworkAnswer, evidence: Evidence, link: str) -> Sheet:
    facts: Sequence[tuple[str, Cell]] = [
        ("Question", net.question.title()),
        *question_settings(net.question),
        ("Verdict", net.headline),
        ("Finding", net.sentence),
        *(("Caution", text) for text in net.cautions),
        *(("Behind it", text) for text in net.details),
        *origin_of(evidence, link).facts(),
    ]
    return Sheet("about", ABOUT, tuple(facts))
