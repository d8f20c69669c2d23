"""Every claim of `claims.csv` with its answer: the register's Questions answered, the rule applied, the reason said."""

from __future__ import annotations

from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.network import indirect_sentence
from analysis.topic.vertebral.claims.entry import ClaimAnswer, Entry
from analysis.topic.vertebral.claims.register import REGISTER
from analysis.topic.vertebral.claims.sentences import untestable
from analysis.topic.vertebral.claims.verdicts import ClaimVerdict, Lean, decide, lean, rigour
from analysis.topic.vertebral.claims.wording import listed

_UNKNOWN = Entry(
    kind="untestable",
    sentence=untestable,
    would_change=("An entry for this claim in the register: it has none yet.",),
)

_DESIGN_WORDS = (
    "sham-controlled trials",
    "open randomised trials",
    "studies without randomisation",
)


@remembered(maxsize=4)
def claim_answers(evidence: Evidence) -> tuple[ClaimAnswer, ...]:
    """All claims, in the register's order; claims that it does not know follow, and say so.

    >>> from analysis.answer import shipped_evidence
    >>> claim_answers(shipped_evidence())[0].claim_id
    'relief-85'
    """
    rows = {row["claim_id"]: row for row in evidence.claims.to_dict("records")}
    ordered = [c for c in REGISTER if c in rows] + [c for c in rows if c not in REGISTER]
    found = []
    for claim_id in ordered:
        claim, entry = rows[claim_id], REGISTER.get(claim_id, _UNKNOWN)
        answers = [answer(q, evidence) for q in entry.deciding]
        verdict = decide(entry.kind, answers, claimed=entry.claimed, testable=claim["testable"])
        sentence = entry.sentence(evidence)
        if verdict is ClaimVerdict.UNTESTABLE:
            reason = claim["how_to_test"].rstrip(".")
            sentence = f"{sentence[:-1]}: {reason[0].lower()}{reason[1:]}." if reason else sentence
        why = _why(entry, verdict, evidence)
        through = indirect_sentence(entry.untried, evidence) if entry.untried else None
        found.append(ClaimAnswer(claim, entry, verdict, sentence, why, through or ""))
    return tuple(found)


def _why(entry: Entry, verdict: ClaimVerdict, evidence: Evidence) -> str:
    """How the rule came to its verdict, in one or two sentences."""
    answers = [answer(q, evidence) for q in entry.deciding]
    leans = [(a, side) for a in answers if (side := lean(a, entry.claimed)) is not None]
    count = {side: sum(s is side for _, s in leans) for side in Lean}
    missing = len(answers) - len(leans)
    if verdict is ClaimVerdict.UNTESTABLE:
        return "No result here bears on it."
    if verdict is ClaimVerdict.INDIRECT:
        return "No result here decides it; the nearest evidence is shown."
    if not leans:
        return "None of the deciding comparisons has a study with a usable result."
    if verdict is ClaimVerdict.REPORTED:
        return (
            "The figures agree with what the claim says was seen. But they come from groups without a comparison, or "
            "from counting studies, and neither can show what the procedure did."
        )
    if entry.kind == "disagreement":
        return _of_designs(leans)
    settles = "that settles nothing" if count[Lean.OPEN] == 1 else "that settle nothing"
    said = (
        (count[Lean.FOR], "for the claim"),
        (count[Lean.AGAINST], "against it"),
        (count[Lean.OPEN], settles),
        (missing, "without a study"),
    )
    counts = [f"{n} {words}" for n, words in said if n]
    text = f"Deciding figures: {listed(counts)}."
    if entry.kind == "effect":
        best = min(rigour(a) for a, _ in leans)
        text += f" The most rigorous design with a result decides: {_DESIGN_WORDS[best]}."
    if verdict is ClaimVerdict.PARTLY:
        text += " In part, because not every comparison that the claim needs supports it."
    return text


def _of_designs(leans: list) -> str:
    parts = []
    for level in sorted({rigour(a) for a, _ in leans}):
        sides = [side for a, side in leans if rigour(a) == level]
        favour = sides.count(Lean.FOR)
        parts.append(
            f"in {_DESIGN_WORDS[level]}, {favour} of {len(sides)} intervals favour the procedure by an amount that "
            "matters or may matter"
        )
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def also_printed(found: ClaimAnswer, evidence: Evidence) -> tuple[str, ...]:
    """The ids of printed rows that bear on a claim but that no Question can pool."""
    if found.entry.also_printed is None:
        return ()
    outcome, instrument = found.entry.also_printed
    table = evidence.arm_results
    hits = table["outcome"].eq(outcome) & table["instrument_code"].eq(instrument)
    return tuple(table[hits]["row_id"])
