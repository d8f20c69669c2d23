"""What a network says, in words; nothing that rests on indirect evidence is ever surer than "probably".

"Probably" where every comparison that carries a result rests on two trials or more, all on one side of blinding,
and direct and indirect evidence agree; "perhaps" where one of these is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis import vocabulary as words
from analysis.appraisal.verdict import Verdict
from analysis.appraisal.wording import after, at, difference, ends, population
from analysis.effects.scale import level_text, printed
from analysis.effects.study_effect import number
from analysis.network.trials import Link, Pair
from analysis.prose import capital, counted, listed, lower_first, words_in
from analysis.question import Question
from analysis.topic import topic

if TYPE_CHECKING:
    from analysis.network.answer import Contrast, Ends, NetworkAnswer

MOST_WORDS = 25
NO_NETWORK = "No network"
MIXED_BLINDING = (
    "It combines open with blinded trials: what patients' expectation adds in the open ones is counted as an effect."
)
TREE = "The network has no closed loop: whether direct and indirect evidence agree cannot be checked."
DISAGREES = "Direct and indirect evidence of this network disagree more than chance explains."
ASSUMED = (
    "A network assumes that the patients of each trial could have been in any other (transitivity). The table of "
    "what differs shows where that is doubtful."
)


def capped(verdict: Verdict, weak: bool) -> str:
    """A verdict as indirect evidence may say it.

    >>> capped(Verdict.NO_IMPORTANT_DIFFERENCE, True), capped(Verdict.UNCERTAIN, False)
    ('perhaps no important difference', 'uncertain')
    """
    if verdict is Verdict.UNCERTAIN:
        return "uncertain"
    said = verdict.value.partition(", perhaps")[0]
    return f"{'perhaps' if weak else 'probably'} {said}"


def short(treatment: str) -> str:
    """A treatment where space is short, as in the answer's sentences."""
    name = words.SHORT[treatment]
    return f"{name} care" if name == "non-surgical" else name


def versus(pair: Pair) -> str:
    """A pair inside a sentence.

    >>> versus(("BKP", "SHAM"))
    'kyphoplasty against sham'
    """
    return f"{short(pair[0])} against {short(pair[1])}"


def estimate(question: Question, found: Ends) -> str:
    """Estimate and interval: "0.18 (−1.05 to 1.41)"."""
    return f"{printed(question, found.estimate, False)} ({ends(question, found.low, found.high)})"


def alone(links: Sequence[Link]) -> str:
    """Which comparisons rest on one trial."""
    return " ".join(
        f"{capital(versus(link.pair))} rests on one trial, {link.trials[0].label}." for link in links
    )


# --- where there is no network -----------------------------------------------------------------------
def no_network(question: Question) -> str:
    """Why there can be none, whatever the evidence holds; "" where there can."""
    if question.one_group:
        return "A network joins comparisons: choose what the treatment is compared with."
    if not any(d in words.RANDOMISED for d in question.admits):
        return "A network can use only randomised trials, and the question leaves them out."
    if question.window.target is None:
        return (
            f"Only trials that measured at the same time can be joined; at {question.window.label!r} each has its own: "
            "choose one time."
        ).replace("'", "")
    return ""


def no_trial(question: Question) -> str:
    patients = f" in {population(question)}" if population(question) else ""
    return f"No randomised trial reported a usable result for {_subject(question)} {at(question)}{patients}."


# --- one pair ----------------------------------------------------------------------------------------
def indirect(contrast: Contrast) -> str:
    """A pair that no trial compared, in one sentence of at most 25 words."""
    q, found = contrast.question, contrast.combined
    through = [short(t) for t in contrast.through]
    level = f"{level_text(q.level)} {contrast.kind} {ends(q, found.low, found.high)}"
    what = _subject(q)
    if q.spec.kind == "score":
        size = difference(q, found.estimate)
        than = "as" if size == "the same" else "than"
        said = f"{what} {size} {after(short(q.intervention))} {than} {short(q.comparator)} {at(q)} ({level})"
    else:
        measure = words.MEASURES[q.effect_measure]
        said = f"{what} {at(q)}, {versus(contrast.pair)}: {measure} {printed(q, found.estimate)} ({level})"
    ways = (f"Indirectly, through {listed(through)}", "Indirectly") if through else ("Indirectly",)
    for way in ways:
        text = f"{way}, {contrast.capped}: {said}."
        if words_in(text) <= MOST_WORDS:
            break
    return text


def hangs(contrast: Contrast, most: int = 3) -> str:
    """What the network's result of a pair rests on: its comparisons, with shares and trials; "" for its own alone."""
    each = []
    if len(contrast.links) == 1:
        return ""
    for link, share in contrast.links[:most]:
        k = len(link.trials)
        behind = f"{link.trials[0].label} alone" if k == 1 else counted(k, "trial")
        each.append(f"{versus(link.pair)} ({100 * share:.0f}%, {behind})")
    rest = "" if len(contrast.links) <= most else ", the rest on others"
    return f"It rests on {listed(each)}{rest}."


def differs(contrast: Contrast) -> str:
    """Why direct and combined evidence lead to different verdicts; "" where they do not."""
    direct = contrast.direct
    if direct is None or direct.verdict is contrast.verdict:
        return ""
    assert direct.verdict is not None
    q = contrast.question
    more = "adds other trials and " if contrast.share < 0.995 else ""
    return (
        f"{capital(versus(contrast.pair))}: the trials that compare them say {direct.verdict.value} "
        f"({estimate(q, contrast.told)}), the whole network {contrast.capped} ({estimate(q, contrast.combined)}). "
        f"The direct result is the one given here. The network {more}assumes that results vary equally in all "
        "comparisons."
    )


# --- the network -------------------------------------------------------------------------------------
def told(made: NetworkAnswer) -> NetworkAnswer:
    """The network with its words."""
    q, asked = made.question, made.asked
    if asked is None:
        headline, sentence = (
            f"{capital(_subject(q))} {at(q)}: no chain of trials",
            _not_linked(made),
        )
    elif asked.direct is not None:
        headline, sentence = asked.direct.headline, asked.direct.sentence
    else:
        headline = f"{q.spec.label.partition(' (')[0]} {at(q)}, {versus(asked.pair)}: {asked.capped} (indirect)"
        sentence = indirect(asked)
    return replace(
        made,
        headline=headline,
        sentence=sentence,
        details=tuple(filter(None, _details(made))),
        cautions=tuple(_cautions(made)),
    )


def _not_linked(made: NetworkAnswer) -> str:
    q = made.question
    sides = (q.intervention, q.comparator)
    if groups := [side for side in sides if side in words.GROUPS]:
        members = listed([short(m) for m in words.MEMBERS[groups[0]]])
        whom = words.SPOKEN[groups[0]]
        return f"A network keeps treatments apart, so it does not answer for {whom}: choose one of {members}."
    return f"No chain of randomised trials links {short(sides[0])} with {short(sides[1])} for {_subject(q)} {at(q)}."


def _details(made: NetworkAnswer) -> Iterator[str]:
    asked = made.asked
    if asked is not None:
        if asked.told_directly:
            yield differs(asked) or (
                f"The whole network agrees: {asked.capped} ({estimate(asked.question, asked.combined)})."
            )
        yield hangs(asked)
        if len(asked.links) > 1:
            yield from asked.weak
    for pair in topic().pairs:
        other = made.contrasts.get(pair)
        if other is not None and other is not asked and not other.told_directly:
            yield indirect(other)
    yield model(made)
    if made.apart:
        names = listed([short(t) for t in made.apart])
        yield f"Trials of {names} are left out: no chain of trials links them with the others."
    assert made.network is not None
    yield from made.network.studies.notes


def model(made: NetworkAnswer) -> str:
    """Trials, model, heterogeneity and consistency in a sentence or two."""
    network = made.network
    assert network is not None
    patients = sum(n for trial in made.trials for n in trial.sizes.values() if n == n)
    size = f"{counted(network.k, 'trial')} of {counted(len(made.treatments), 'treatment')}, {patients:,.0f} patients"
    if made.model == "single":
        return (
            f"{size}; each comparison was made once. How much true effects differ between trials cannot be "
            "estimated, so the intervals do not allow for it."
        )
    if made.model == "prior":
        text = (
            f"{size}; too few repeated comparisons ({counted(network.df, 'degree')} of freedom) to estimate how much "
            "true effects differ. Results are averaged over differences of up to several times their sampling error."
        )
    else:
        assert network.tau2 is not None
        text = (
            f"{size}; random effects, tau² {number(network.tau2, 3)} (REML), t intervals with {network.df} degrees of "
            "freedom."
        )
    text += f" Q {number(network.q, 2)}, P {number(network.p_value or 0.0, 2)}."
    p = network.p_interaction if network.p_interaction is not None else network.p_between
    if network.df_between and p is not None:
        on = f"{counted(network.df_between, 'degree')} of freedom"
        text += f" Direct against indirect (design by treatment): P {number(p, 2)} on {on}."
    return text


def _cautions(made: NetworkAnswer) -> Iterator[str]:
    asked = made.asked
    if asked is not None and not asked.told_directly:
        yield f"Indirect: no randomised trial has compared {short(asked.pair[0])} with {short(asked.pair[1])} here."
    yield ASSUMED


def groups(contrasts: Iterable[Contrast]) -> dict[str, list[Contrast]]:
    """Treatments against the reference by what is told of them: better, no clear difference, worse.

    In each group what trials compared comes first, then what is told without a reservation, then the rest.
    """
    found: dict[str, list[Contrast]] = {"better": [], "no clear difference": [], "worse": []}
    for one in sorted(contrasts, key=lambda c: (not c.told_directly, bool(c.weak))):
        said = one.told_verdict
        if said in (
            Verdict.IMPORTANT_BENEFIT,
            Verdict.BENEFIT,
            Verdict.SMALL_BENEFIT,
            Verdict.BETTER,
        ):
            found["better"].append(one)
        elif said in (Verdict.NO_IMPORTANT_DIFFERENCE, Verdict.UNCERTAIN):
            found["no clear difference"].append(one)
        else:
            found["worse"].append(one)
    return found


def said_of(contrast: Contrast) -> str:
    """The verdict that is told of a pair, and whether it is direct."""
    if contrast.direct is not None and contrast.direct.verdict is not None:
        return contrast.direct.verdict.value
    return f"{contrast.capped}, indirect"


def _subject(question: Question) -> str:
    return lower_first(question.spec.label.partition(" (")[0])
