"""The network of one Question: fitted once, and told pair by pair.

One rule for what is told of a network (docs/verification.md), that of studies pooled in pairs with the degrees of
freedom of Q for k - 1: from four on random effects, REML, with t intervals; from one to three too few to tell how much
true effects differ, so averaged over how much they may (`few_network`); without any, each comparison as its one trial.

One rule for which result is told of a pair: where trials compare it, their answer (`Answer.told`); else the network's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.appraisal.changes import Change
from analysis.appraisal.mid import Mid, mid_of
from analysis.appraisal.verdict import Verdict, verdict
from analysis.appraisal.wording import benefit
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.network import wording
from analysis.network.trials import (
    Link,
    Pair,
    Trial,
    asked,
    base,
    links_of,
    parts_of,
    studies_of,
    trials_of,
)
from analysis.question import Question
from analysis.synthesis.network import (
    BayesNetwork,
    Contributions,
    Network,
    contributions,
    few_network,
    fit_network,
)
from analysis.synthesis.told import FEW
from analysis.topic import topic

LEAST_DF = FEW
"""Degrees of freedom of Q from which heterogeneity is estimated: those of five studies of one comparison."""
CARRIES = 0.1
"""Share from which a comparison carries a result."""
PASSES = 0.9
"""Share of the evidence from which a result is said to come through a treatment."""
DISAGREE = 0.1
"""P below which direct and indirect evidence are said to disagree: such tests find little with few trials."""


@dataclass(frozen=True, slots=True)
class Ends:
    """An estimate with its interval, on the pooled scale."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Contrast:
    """One pair of treatments (the first minus the second) in the network.

    Attributes
    ----------
    question : the Question about this pair; `direct` its answer, None where no trial compared them.
    combined : direct and indirect evidence together; `indirect` alone, None where there is no other way.
    kind : of their intervals: "CI", or "CrI" (credible) where a prior was averaged over.
    share : of direct evidence in `combined`, 0 to 1.
    split_p : P of the difference between direct and indirect; None where one of them is missing.
    verdict : of `combined`; `weak` says why it is worth less than its interval, a sentence each.
    links, trials : what `combined` hangs on, with shares, the largest first; `through` the treatments that (nearly)
        all of its evidence passes.
    """

    question: Question
    direct: Answer | None
    combined: Ends
    kind: str
    indirect: Ends | None
    share: float
    split_p: float | None
    verdict: Verdict
    weak: tuple[str, ...]
    links: tuple[tuple[Link, float], ...]
    trials: tuple[tuple[Trial, float], ...]
    through: tuple[str, ...]

    @property
    def pair(self) -> Pair:
        return self.question.intervention, self.question.comparator

    @property
    def told_directly(self) -> bool:
        return self.direct is not None

    @property
    def told(self) -> Ends:
        """The result that is told of this pair."""
        if self.direct is None or self.direct.told is None:
            return self.combined
        result = self.direct.told.result
        return Ends(result.estimate, result.ci_low, result.ci_high)

    @property
    def told_verdict(self) -> Verdict:
        return (self.direct.verdict if self.direct is not None else None) or self.verdict

    @property
    def capped(self) -> str:
        """The network's verdict in words, never surer than "probably"."""
        return wording.capped(self.verdict, bool(self.weak))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way from care to treatment that the topic takes apart (`[steps]` of its file)."""

    label: str
    meaning: str
    contrast: Contrast


@dataclass(frozen=True, slots=True)
class NetworkAnswer:
    """What pages and files need of the network of one Question.

    Attributes
    ----------
    question : with nothing but randomised trials.
    network : the fit; None where there is none, and then `sentence` says why. `model` is "random", "prior" (its tau2
        is the posterior's median, and intervals are those of `contrasts`) or "single".
    reference : the treatment against which tables are shown.
    trials, links : those of the network; `apart` are treatments that trials compared, but that no chain links to it.
    contrasts : the pair asked about, all others against the reference, and the pairs and steps of the topic.
    headline, sentence, details, cautions : the words, as of an `Answer`.
    """

    question: Question
    network: Network | None
    model: str
    reference: str
    treatments: tuple[str, ...]
    trials: tuple[Trial, ...]
    links: tuple[Link, ...]
    apart: tuple[str, ...]
    contrasts: dict[Pair, Contrast]
    steps: tuple[Step, ...]
    mid: Mid | None
    headline: str
    sentence: str
    details: tuple[str, ...]
    cautions: tuple[str, ...]
    changes: tuple[Change, ...]
    data_version: str

    def contrast(self, treatment: str, reference: str) -> Contrast:
        """The pair, the first minus the second; `KeyError` where the network has not both."""
        return self.contrasts[treatment, reference]

    @property
    def asked(self) -> Contrast | None:
        """The pair of the Question."""
        return self.contrasts.get((self.question.intervention, self.question.comparator))

    @property
    def against_reference(self) -> tuple[Contrast, ...]:
        """Every other treatment against the reference, the asked one first."""
        return tuple(
            self.contrasts[t, self.reference] for t in self.treatments if t != self.reference
        )


def network_answer(question: Question, evidence: Evidence) -> NetworkAnswer:
    """The network of a Question's outcome, time, population and measure.

    Raises nothing for a valid Question: where there is no network, `network` is None and the sentence says why.
    """
    return _network_answer(base(question), evidence)


@remembered(maxsize=256)
def _network_answer(question: Question, evidence: Evidence) -> NetworkAnswer:
    make = partial(
        NetworkAnswer, question=question, mid=mid_of(question, evidence), data_version=evidence.version,
        changes=answer(question, evidence).changes,
    )  # fmt: skip
    nothing = partial(
        make, network=None, model="", reference="", treatments=(), trials=(), links=(), apart=(), contrasts={},
        steps=(), details=(), cautions=(),
    )  # fmt: skip
    if why := wording.no_network(question):
        return nothing(headline=wording.NO_NETWORK, sentence=why)
    trials = trials_of(question, evidence)
    if not trials:
        return nothing(headline=wording.NO_NETWORK, sentence=wording.no_trial(question))
    parts = parts_of(pair for trial in trials for pair in trial.effects)
    part = _part(parts, question)
    inside = tuple(t for t in trials if {*t.first_pair} <= {*part})
    network, model, few = fitted(question, inside)
    links = links_of(inside)
    reference = question.comparator if question.comparator in part else _reference(part)
    wanted = dict.fromkeys(
        (
            (question.intervention, question.comparator),
            *((t, reference) for t in part if t != reference),
            *(step.pair for step in topic().steps),
            *topic().pairs,
        )
    )
    contrasts = {
        pair: _contrast(question, pair, network, few, inside, links, evidence)
        for pair in wanted
        if {*pair} <= {*part}
    }
    made = make(
        network=network, model=model, reference=reference, treatments=part, trials=inside, links=links,
        apart=tuple(side for other in parts if {*other} != {*part} for side in other), contrasts=contrasts,
        steps=tuple(_steps(contrasts)), headline="", sentence="", details=(), cautions=(),
    )  # fmt: skip
    return wording.told(made)


def fitted(
    question: Question, trials: tuple[Trial, ...]
) -> tuple[Network, str, BayesNetwork | None]:
    """The network of these trials, the model that is told, and its posterior where a prior is averaged over."""
    studies = studies_of(trials)
    small = "good" if question.spec.lower_is_better else "bad"
    fit = partial(fit_network, studies, level=question.level, small=small)
    found = fit(tau2="REML", ci="t")
    if found.df >= LEAST_DF:
        return found, "random", None
    if found.df == 0:
        return fit(tau2="EE"), "single", None
    few = few_network(found, question.level)
    return fit(tau2=few.tau.median**2), "prior", few


def _part(parts: list[tuple[str, ...]], question: Question) -> tuple[str, ...]:
    """The part of a network in pieces that speaks of the question: with both treatments, the comparator, one."""
    wanted = (question.intervention, question.comparator)
    best = max(
        parts, key=lambda part: (sum(w in part for w in wanted), wanted[1] in part, len(part))
    )
    first = [side for side in wanted if side in best]
    return (*first[:1], *(side for side in best if side not in first[:1]))


def _reference(part: tuple[str, ...]) -> str:
    return next((c for c in words.CONTROLS if c in part), part[-1])


def _contrast(
    asked_question: Question,
    pair: Pair,
    network: Network,
    few: BayesNetwork | None,
    trials: tuple[Trial, ...],
    links: tuple[Link, ...],
    evidence: Evidence,
) -> Contrast:
    question = asked_question.replace(intervention=pair[0], comparator=pair[1])
    i, j = map(network.place, pair)
    combined = _ends(network.random, i, j)
    if few is not None:
        posterior = few.pair(*pair)
        combined = Ends(posterior.mean, posterior.ci_low, posterior.ci_high)
    direct = asked(question, pair, evidence)
    share = float(network.direct_share[i, j])
    other = _ends(network.indirect, i, j) if share < 1 else None
    split = next((s for s in network.evidence.splits if set(s.pair) == set(pair)), None)
    found = contributions(network, *pair)
    of_link = _by_link(found, links, trials)
    by_id = {t.trial: t for t in trials}
    mid = mid_of(question, evidence)
    return Contrast(
        question=question,
        direct=direct if direct is not None and direct.told is not None else None,
        combined=combined,
        kind="CI" if few is None else "CrI",
        indirect=other,
        share=share,
        split_p=split.p_value if split is not None else None,
        verdict=verdict(
            *benefit(question, combined.low, combined.high), mid.value if mid else None
        ),
        weak=tuple(_weak(network, of_link)),
        links=of_link,
        trials=tuple((by_id[name], part) for name, part in found.studies),
        through=_through(found),
    )


def _ends(league: object, i: int, j: int) -> Ends:
    return Ends(*(float(getattr(league, name)[i, j]) for name in ("estimate", "ci_low", "ci_high")))


def _by_link(
    found: Contributions, links: tuple[Link, ...], trials: tuple[Trial, ...]
) -> tuple[tuple[Link, float], ...]:
    """The comparisons with their shares; a pair that a trial has but printed no figure of rests on its other pairs."""
    by_pair = {frozenset(link.pair): link for link in links}
    made = []
    for pair, share in found.comparisons:
        with_both = tuple(t for t in trials if {*pair} <= {*t.sizes})
        made.append((by_pair.get(frozenset(pair)) or Link(pair, with_both), share))
    return tuple(made)


def _through(found: Contributions) -> tuple[str, ...]:
    """The treatments between the two that `PASSES` of the paths share, in the order of the strongest."""
    between = found.paths[0][0][1:-1] if found.paths else ()
    whole = sum(share for _, share in found.paths)
    passes = {side: sum(share for path, share in found.paths if side in path) for side in between}
    return tuple(side for side in between if passes[side] >= PASSES * whole)


def _weak(network: Network, links: tuple[tuple[Link, float], ...]) -> Iterator[str]:
    """What makes a result of the network worth less than its interval says."""
    alone = [link for link, share in links if share >= CARRIES and len(link.trials) == 1]
    if alone:
        yield wording.alone(alone)
    kinds = {link.kind for link, share in links if share >= CARRIES}
    if len(kinds | ({"blinded", "open"} if "mixed" in kinds else set())) > 1:
        yield wording.MIXED_BLINDING
    if network.df_between == 0:
        yield wording.TREE
    elif (
        p := network.p_interaction if network.p_interaction is not None else network.p_between
    ) is not None and (p < DISAGREE):
        yield wording.DISAGREES


def _steps(contrasts: dict[Pair, Contrast]) -> Iterator[Step]:
    """The topic's steps, where the network has all of their treatments."""
    steps = topic().steps
    if all(step.pair in contrasts for step in steps):
        yield from (Step(step.label, step.meaning, contrasts[step.pair]) for step in steps)
