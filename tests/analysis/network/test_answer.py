"""The network of a question on evidence of a few rows: what is told, and by which rule."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.answer import answer
from analysis.appraisal.verdict import Verdict, verdict
from analysis.network import (
    NetworkAnswer,
    hangs_on,
    indirect_sentence,
    network_answer,
    next_trials,
    overview,
    tolerances,
    transitivity,
    wording,
)
from analysis.network.next_trial import next_trial_rows, next_trial_sentence
from analysis.network.trials import rows_of
from analysis.question import Question
from analysis.robustness_views import next_trial
from analysis.synthesis import pool
from analysis.synthesis.few import pool_few
from analysis.synthesis.network import few_network, fit_network, from_arms
from tests.evidence_builder import Tiny

ASKED = Question(intervention="BKP", comparator="SHAM")


def trial(tiny: Tiny, name: str, means: dict[str, float], **cells: object) -> None:
    """A trial of the given arms (n 50, SD 2) with their mean pain."""
    tiny.study(name, " ".join(means), **cells)
    for arm, mean in means.items():
        tiny.level(name, arm, mean)


def chain() -> Tiny:
    tiny = Tiny()
    trial(tiny, "a", {"VP": 3.0, "SHAM": 3.5})
    trial(tiny, "b", {"BKP": 3.2, "VP": 3.0}, design="open_rct")
    return tiny


def loop() -> Tiny:
    """Seven trials around a loop: four degrees of freedom, so that heterogeneity is estimated."""
    tiny = chain()
    trial(tiny, "c", {"VP": 2.6, "SHAM": 3.5})
    trial(tiny, "d", {"BKP": 3.0, "NSM": 4.2}, design="open_rct")
    trial(tiny, "e", {"VP": 3.1, "NSM": 4.6}, design="open_rct")
    trial(tiny, "f", {"VP": 3.0, "SHAM": 3.2})
    trial(tiny, "g", {"BKP": 3.1, "NSM": 4.4}, design="open_rct")
    return tiny


def test_a_pair_that_no_trial_compared_is_told_through_the_treatment_between():
    net = network_answer(ASKED, chain().evidence())
    asked = net.asked
    assert not asked.told_directly
    assert asked.indirect == asked.combined
    assert asked.combined.estimate == pytest.approx(0.2 - 0.5)
    half = 1.959963984540054 * math.sqrt(2 * (4 / 50 + 4 / 50))
    assert asked.combined.high - asked.combined.estimate == pytest.approx(half)
    assert net.model == "single"
    assert net.sentence.startswith("Indirectly, through vertebroplasty, ")
    assert len(net.sentence.split()) <= wording.MOST_WORDS
    assert "No trial" not in net.sentence
    assert any("no randomised trial" in c for c in net.cautions)


def test_a_pair_that_trials_compared_is_told_as_everywhere_else():
    evidence = loop().evidence()
    for pair in (("VP", "SHAM"), ("BKP", "NSM"), ("VP", "BKP")):
        question = Question(intervention=pair[0], comparator=pair[1])
        net, alone = network_answer(question, evidence), answer(question, evidence)
        assert net.asked.direct is alone
        result = alone.told.result
        assert (net.asked.told.estimate, net.asked.told.low) == (result.estimate, result.ci_low)
        assert (net.headline, net.sentence) == (alone.headline, alone.sentence)


def test_from_four_degrees_of_freedom_random_effects_with_t_intervals():
    net = network_answer(ASKED, loop().evidence())
    assert (net.network.df, net.model, net.network.ci_method) == (4, "random", "t")
    i, j = net.network.place("BKP"), net.network.place("SHAM")
    asked = net.asked.combined
    assert (asked.low, asked.high) == (
        net.network.random.ci_low[i, j],
        net.network.random.ci_high[i, j],
    )


def test_between_one_and_three_degrees_of_freedom_results_are_averaged_over_a_prior():
    tiny = chain()
    trial(tiny, "c", {"VP": 2.6, "SHAM": 3.5})
    net = network_answer(ASKED, tiny.evidence())
    assert (net.network.df, net.model, net.asked.kind) == (1, "prior", "CrI")
    wald = 1.959963984540054 * float(net.network.common.se[0, 1])
    assert net.asked.combined.high - net.asked.combined.low > 2 * wald


@pytest.mark.parametrize("k", [2, 3, 4])
def test_with_two_treatments_the_prior_is_that_of_two_to_four_studies(k):
    yi, vi = [-0.7, -0.41, 0.3, 0.1][:k], [0.26, 0.14, 0.2, 0.09][:k]
    fit = fit_network([str(i) for i in range(k)], "A" * k, "B" * k, yi, np.sqrt(vi))
    found, wanted = few_network(fit).pair("A", "B"), pool_few(yi, vi)
    # both are quadratures of their own: agreement to their own error
    assert found.mean == pytest.approx(wanted.estimate, abs=1e-7)
    assert (found.ci_low, found.ci_high) == pytest.approx((wanted.ci_low, wanted.ci_high), abs=1e-6)


def test_a_network_without_degrees_of_freedom_has_no_prior_to_scale():
    with pytest.raises(ValueError, match="cannot tell how much effects differ"):
        few_network(fit_network("ab", "XY", "YZ", [1.0, 2.0], [0.5, 0.5]))


def test_a_trial_of_three_arms_enters_once_with_its_covariance():
    tiny = Tiny()
    means = {"VP": 3.0, "BKP": 3.3, "SHAM": 3.9}
    trial(tiny, "three", means)
    trial(tiny, "two", {"VP": 3.1, "SHAM": 3.4})
    net = network_answer(ASKED, tiny.evidence())
    arms = from_arms(
        ["three"] * 3 + ["two"] * 2, [*means, "VP", "SHAM"], "MD",
        mean=[*means.values(), 3.1, 3.4], sd=[2] * 5, n=[50] * 5,
    )  # fmt: skip
    wanted = fit_network(arms)
    assert net.network.k == 2
    assert net.network.common.estimate == pytest.approx(wanted.common.estimate)
    assert net.network.common.se == pytest.approx(wanted.common.se)


def test_trials_with_one_control_group_enter_as_one_and_those_without_a_declaration_apart():
    def two(declared: bool) -> NetworkAnswer:
        tiny = Tiny()
        trial(tiny, "a", {"BKP": 3.0, "NSM": 4.0}, design="open_rct")
        trial(tiny, "b", {"VP": 3.4, "NSM": 4.0}, design="open_rct")
        if declared:
            tiny.row(
                "links", report_a="a", report_b="b", what="controls", reason="the papers say so"
            )
        return network_answer(ASKED.replace(comparator="VP"), tiny.evidence())

    apart, together = two(False).asked.combined, two(True)
    whole = together.asked.combined
    assert whole.estimate == pytest.approx(apart.estimate)
    # of two equal effects with correlation 1/2 the difference has half the variance of independent ones
    assert (whole.high - whole.low) / (apart.high - apart.low) == pytest.approx(math.sqrt(0.5))
    assert [one.ids for one in together.trials] == [("a", "b")]
    assert together.trials[0].label == "A and B"


def test_pairs_of_one_trial_that_do_not_add_up_are_not_forced_to():
    tiny = Tiny()
    tiny.study("odd", "VP BKP SHAM")
    for t, c, estimate in (("VP", "SHAM", 1.0), ("BKP", "SHAM", 2.0), ("BKP", "VP", 3.0)):
        tiny.contrast("odd", t, c, estimate=estimate, ci_low=estimate - 1, ci_high=estimate + 1)
    net = network_answer(ASKED, tiny.evidence())
    assert net.network.k == 1
    assert any("figures that do not add up; those with sham are used" in text for text in net.details)
    assert net.asked.combined.estimate == pytest.approx(-2.0)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (ASKED.replace(time="any"), "choose one time"),
        (ASKED.replace(comparator="NONE"), "choose what the treatment is compared with"),
        (ASKED.replace(designs=("comparative_cohort",)), "A network can use only randomised trials"),
        (ASKED.replace(time="12m"), "No randomised trial reported a usable result"),
    ],
)
def test_where_there_is_no_network_one_sentence_says_why(question, says):
    net = network_answer(question, chain().evidence())
    assert net.network is None
    assert says in net.sentence
    assert indirect_sentence(question, chain().evidence()) is None


def test_cohorts_never_enter_a_network():
    tiny = chain()
    trial(tiny, "c", {"BKP": 1.0, "SHAM": 9.0}, design="comparative_cohort")
    designs = ("sham_rct", "open_rct", "comparative_cohort")
    net = network_answer(ASKED.replace(designs=designs), tiny.evidence())
    assert {t.trial for t in net.trials} == {"a", "b"}


def test_parts_that_nothing_links_are_not_mixed():
    tiny = chain()
    trial(tiny, "z", {"VAI": 3.0, "NSM": 5.0}, design="open_rct")
    net = network_answer(ASKED, tiny.evidence())
    assert set(net.treatments) == {"BKP", "VP", "SHAM"}
    assert set(net.apart) == {"VAI", "NSM"}
    assert any("are left out" in text for text in net.details)
    apart = network_answer(Question(intervention="VAI", comparator="SHAM"), tiny.evidence())
    assert apart.asked is None
    assert apart.sentence.startswith("No chain of randomised trials links")


def test_a_group_of_treatments_is_no_node():
    net = network_answer(Question(intervention="AUG", comparator="SHAM"), chain().evidence())
    assert net.asked is None
    assert "keeps treatments apart" in net.sentence


def test_leaving_a_trial_out_leaves_it_out_of_the_network():
    net = network_answer(ASKED.replace(without=("d", "g")), loop().evidence())
    assert not {"d", "g"} & {t.trial for t in net.trials}


def test_the_switch_keeps_trials_in_which_nobody_knew_to_have_had_nothing():
    net = network_answer(ASKED, loop().evidence())
    assert {t.trial for t in net.trials if not t.rigorous} == {"d", "e", "g"}


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("weak", [True, False])
def test_indirect_evidence_is_never_surer_than_probably(verdict, weak):
    said = wording.capped(verdict, weak)
    assert said == "uncertain" or said.startswith("perhaps " if weak else "probably ")


def test_what_weakens_a_result_is_said():
    asked = network_answer(ASKED, chain().evidence()).asked
    assert any("rests on one trial" in text for text in asked.weak)
    assert wording.TREE in asked.weak
    assert wording.MIXED_BLINDING in asked.weak
    said = hangs_on(ASKED, chain().evidence())
    assert "vertebroplasty against sham (50%, A alone)" in said


def test_where_direct_and_combined_lead_to_different_verdicts_a_sentence_says_so():
    asked = Question(intervention="BKP", comparator="VP", mid=1.0)
    net = network_answer(asked, loop().evidence())
    assert net.asked.direct.verdict is Verdict.NO_IMPORTANT_DIFFERENCE
    assert net.asked.verdict is Verdict.UNCERTAIN
    assert any("The direct result is the one given here" in text for text in net.details)


def test_the_steps_add_up_to_the_whole():
    net = network_answer(ASKED, loop().evidence())
    assert [step.contrast.pair for step in net.steps] == [
        ("SHAM", "NSM"),
        ("VP", "SHAM"),
        ("BKP", "VP"),
    ]
    whole = net.contrasts["BKP", "NSM"].combined.estimate
    assert sum(step.contrast.combined.estimate for step in net.steps) == pytest.approx(whole)


def test_groups_put_what_trials_compared_before_what_is_indirect():
    found = network_answer(ASKED, loop().evidence()).against_reference
    for group in wording.groups(found).values():
        direct = [one.told_directly for one in group]
        assert direct == sorted(direct, reverse=True)
    shown = [one for group in wording.groups(found).values() for one in group]
    assert len(shown) == len(found)
    assert not found[0].told_directly  # the order in which they came was another


def test_turning_a_pair_turns_its_sign_and_nothing_else():
    evidence = loop().evidence()
    one = network_answer(ASKED, evidence).asked.combined
    other = network_answer(Question(intervention="SHAM", comparator="BKP"), evidence).asked.combined
    assert (one.estimate, one.low, one.high) == pytest.approx(
        (-other.estimate, -other.high, -other.low)
    )


def test_shares_of_what_a_result_hangs_on_add_up():
    asked = network_answer(ASKED, loop().evidence()).asked
    assert sum(share for _, share in asked.links) == pytest.approx(1)
    assert sum(share for _, share in asked.trials) == pytest.approx(1)


def test_a_next_trial_narrows_as_a_refit_with_it_would():
    net = network_answer(ASKED, chain().evidence())
    found = {one.pair: one for one in next_trials(net)}
    assert next_trials(net)[0].direct
    before = float(net.network.random.se[net.network.place("BKP"), net.network.place("SHAM")])
    se = 2 * math.sqrt(2 / 100)  # the arms' own spread is 2
    with_it = pool([0.0, 0.0], [before**2, se**2], tau2="EE", ci="wald")
    assert found["BKP", "SHAM"].halves[1] == pytest.approx(
        (with_it.ci_high - with_it.ci_low) / 2, rel=1e-6
    )


def test_a_trial_that_is_wrong_by_more_than_it_may_be_changes_the_verdict():
    """Held against the refit: each trial moved to just before and just beyond its threshold."""
    net = network_answer(ASKED, loop().evidence())
    rows, _ = rows_of(net.trials)
    ends = net.asked.combined

    def says(trial: str, pair: tuple[str, str], bias: float) -> Verdict:
        moved = [(s, t, c, y + bias * ((s, (t, c)) == (trial, pair)), e) for s, t, c, y, e in rows]
        fit = fit_network(*zip(*moved, strict=True), tau2=net.network.tau2, ci="t")
        estimate = fit.random.estimate[fit.place("BKP"), fit.place("SHAM")]
        low, high = (estimate + end - ends.estimate for end in (ends.low, ends.high))
        return verdict(-high, -low, net.mid.value)

    found = tolerances(net)
    assert {one.trial.trial for one in found} == {trial.trial for trial in net.trials}
    for one in found:
        for bias, then in ((one.low, one.says_low), (one.high, one.says_high)):
            assert says(one.trial.trial, one.pair, 0.999 * bias) is net.asked.verdict
            assert says(one.trial.trial, one.pair, 1.001 * bias) is then
    assert [one.nearest for one in found] == sorted(one.nearest for one in found)


def test_the_overview_tells_each_network_as_its_page_does():
    lines = list(overview(loop().evidence()))
    net = network_answer(ASKED, loop().evidence())
    assert lines[0] == "Pain, at 1 month"
    assert lines[1].strip() == wording.model(net)
    at = lines.index("  Kyphoplasty against sham, points")
    assert lines[at + 1] == "    direct   no trial"
    assert f"{wording.estimate(ASKED, net.asked.combined)} CI, {net.asked.capped}" in lines[at + 2]
    assert list(overview(Tiny().study("a", "VP SHAM").evidence())) == []


def test_what_differs_between_comparisons_is_read_from_the_data():
    tiny = Tiny()
    trial(tiny, "a", {"VP": 3.0, "SHAM": 3.5}, etiology="osteoporotic", fracture_age_max_weeks=6.0)
    trial(tiny, "b", {"BKP": 3.2, "VP": 3.0}, design="open_rct", etiology="malignant")
    tiny.level("a", "VP", 70.0, timepoint="baseline", weeks=0.0, is_baseline="yes", scale_max=100.0)
    rows = {
        row.link.pair: row
        for row in transitivity(network_answer(ASKED, tiny.evidence()), tiny.evidence())
    }
    sham, head = rows["VP", "SHAM"], rows["BKP", "VP"]
    assert (sham.blinding, sham.age, sham.baseline) == ("patients blinded", "up to 6 weeks", "7.0")
    assert (head.blinding, head.age, head.cause) == ("open", "not reported", "malignant fractures")


def test_what_would_it_take_of_a_pair_that_no_trial_compared_is_asked_of_the_network():
    evidence = loop().evidence()
    view = next_trial.view(ASKED, evidence)
    net = network_answer(ASKED, evidence)
    assert view.finding == f"{answer(ASKED, evidence).sentence} {next_trial_sentence(net)}"
    assert view.panels[0].rows == next_trial_rows(net)
    assert view.facts["half_widths"]["BKP-SHAM"] == list(next_trials(net)[0].halves)
    alone = Tiny().study("a", "VP SHAM").evidence()
    assert next_trial.view(ASKED, alone).panels == ()
