"""Effect measures of networks: what the columns allow, what they are called, on which scale they are shown."""

from __future__ import annotations

from analysis.errors import InputError
from analysis.network_file.columns import Columns, plain
from analysis.synthesis.network import MEASURES as ARM_MEASURES

WORDS = {
    "OR": "odds ratio",
    "RR": "risk ratio",
    "HR": "hazard ratio",
    "IRR": "incidence rate ratio",
    "ROM": "ratio of means",
    "RD": "risk difference",
    "AS": "arcsine difference",
    "IRD": "incidence rate difference",
    "MD": "mean difference",
    "SMD": "standardised mean difference",
    "GEN": "effect, as given",
}
LOGARITHMIC = ("OR", "RR", "HR", "IRR", "ROM")
_SYNONYMS = {
    "logor": "OR", "lor": "OR", "lnor": "OR", "oddsratio": "OR", "logoddsratio": "OR", "riskratio": "RR",
    "relativerisk": "RR", "logrr": "RR", "hazardratio": "HR", "loghr": "HR", "loghazardratio": "HR",
    "rateratio": "IRR", "incidencerateratio": "IRR", "ratioofmeans": "ROM", "riskdifference": "RD", "asd": "AS",
    "arcsinedifference": "AS", "meandifference": "MD", "wmd": "MD", "standardisedmeandifference": "SMD",
    "standardizedmeandifference": "SMD", "hedgesg": "SMD", "cohensd": "SMD", "generic": "GEN",
}  # fmt: skip


def measure_of(named: str | None, columns: Columns) -> tuple[str, bool]:
    """The measure, and whether it was chosen from the columns.

    Raises
    ------
    ValueError
        An unknown name, or a measure that these columns do not give.
    """
    if columns.layout in ("contrasts", "baseline"):
        return (known(named), False) if named else ("GEN", True)
    arm = next(iter(columns.arms()), 0)
    there = {role for role, number in columns.place if number == arm}
    sizes = "n" in there
    if "nonevents" in there:
        there.add("n")
    if {"mean", "se"} <= there:
        there |= {"sd", "n"}  # the standard error of a mean is all that its variance needs
    allowed = [name for name, needed in ARM_MEASURES.items() if set(needed) <= there]
    if not sizes and "SMD" in allowed:
        allowed.remove("SMD")
    if named:
        measure = known(named)
        if measure not in allowed:
            raise InputError(
                f"{measure} cannot be computed from these columns; allowed: {', '.join(allowed) or 'none'}"
            )
        return measure, False
    guess = next((name for name in ("OR", "IRR", "MD") if name in allowed), None)
    if guess is None:
        raise InputError(
            f"found {', '.join(sorted(there))} of each arm; allowed: events and n, events and time, or mean, "
            "sd and n"
        )
    return guess, True


def known(name: str) -> str:
    """A measure by any of its names.

    Raises
    ------
    ValueError

    >>> known("log odds ratio"), known("md")
    ('OR', 'MD')
    """
    bare = plain(name)
    if bare.upper() in WORDS:
        return bare.upper()
    if bare in _SYNONYMS:
        return _SYNONYMS[bare]
    raise InputError(f"measure {name!r}; allowed: {', '.join(WORDS)}")
