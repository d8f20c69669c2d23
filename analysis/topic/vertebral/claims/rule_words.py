"""How a verdict on a claim is reached, in sentences, and what to keep in mind about a claim."""

from __future__ import annotations

import re

from analysis.topic.vertebral.claims.verdicts import RARE

SUBJECT = "kyphoplasty"
"""What the claims are about."""
RULE = (
    "A comparison supports a claim when its whole interval favours the procedure and may reach the minimal "
    "important difference. It contradicts the claim when the benefit is too small to matter, when there is no "
    "important difference, or when it does harm. Anything else leaves it open.",
    "The most rigorous design with a usable result decides: sham-controlled trials, then open randomised trials, "
    "then studies without randomisation.",
    "What happened in one group is never an effect. If it agrees with the claim, the verdict says that it was "
    "reported, and no more.",
    "A claim is supported in part when a comparison that it needs has no study, when the outcome was reported "
    "by patients who knew their treatment, or when studies may point in different directions.",
    f"A harm counts as rare when all of its interval lies below {RARE:.0%} of patients.",
    "Where no study bears on a claim, it cannot be tested here. That does not say whether it is true.",
)
"""One idea each; `verdicts` is the rule itself."""

_FOR_MAKERS = re.compile(r"[:;,]\s*(show (both|why)|say so\b.*)$", re.IGNORECASE)


def caution_of(text: str) -> str:
    """A claim's caution as a sentence; what it asks of whoever shows it is done, not read out.

    >>> caution_of("Counting studies is not evidence of effect: show why")
    'counting studies is not evidence of effect.'
    """
    said = _FOR_MAKERS.sub("", text.strip().rstrip(".")).replace(">=", "≥")
    return f"{said[0].lower()}{said[1:]}." if said else ""
