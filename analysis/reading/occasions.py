"""One group measured twice: "mean_pre, sd_pre, mean_post, sd_post, n, r" is a change with its correlation."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.reading import quantity_words as quantities
from analysis.reading.naming import Named, tokens

_ROLES = {"mean": ("m1i", "m2i"), "sd": ("sd1i", "sd2i"), "se": ("se1i", "se2i")}
"""Of the later and the earlier occasion, as metafor has them: a change is later minus earlier."""
READ = "rows hold one group before and after: the change is the value after minus the value before"


def give_occasions(header: Sequence[str], guesses: list[Named]) -> list[str]:
    """Roles for values of one group before and after, where a column holds their correlation.

    Without one, a change has no error of its own, and the reader is asked instead.
    """
    correlations = [one for one in guesses if one.measure == "COR" and one.role in ("ri", "yi")]
    roles = {one.role for one in guesses if one not in correlations}
    if len(correlations) != 1 or roles & {"m1i", "m2i", "yi", "ratio", "log10"}:
        return []
    after = _at(header, quantities.AFTER | {"follow", "up"})
    before = _at(header, quantities.BEFORE)
    both = [kind for kind in _ROLES if kind in after and kind in before]
    if "mean" not in both or len(both) < 2:
        return []
    for kind in both:
        for place, role in zip((after[kind], before[kind]), _ROLES[kind], strict=True):
            guesses[place] = Named(role, 2)
    correlations[0].role = "ri"
    if "size" in after and "ni" not in roles:
        guesses[after["size"]] = Named("ni", 3)
    return [READ]


def _at(header: Sequence[str], occasion: frozenset[str]) -> dict[str, int]:
    """The column of each quantity that is named with a word of the occasion and no other."""
    found: dict[str, int] = {}
    for i, name in enumerate(header):
        words = tokens(name)
        rest = tuple(word for word in words if word not in occasion)
        for kind, phrases in quantities.QUANTITIES.items():
            if len(rest) < len(words) and rest in phrases:
                found.setdefault(kind, i)
    return found
