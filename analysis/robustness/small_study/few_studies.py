"""When there are too few studies for a test of funnel plot asymmetry to say anything.

Source: :cite:t:`sterne2011`: with fewer than ten studies the power of the tests is too low to
tell chance from real asymmetry. The tests are still shown, and flagged.
"""

from __future__ import annotations

MINIMUM_STUDIES = 10

TOO_FEW = (
    "{k} studies: below {least}, tests of small-study effects cannot tell chance from asymmetry, "
    "so this one says little either way"
)


def enough_studies(k: int) -> bool:
    """Whether `k` studies are enough for a test of small-study effects.

    Source: :cite:t:`sterne2011`.

    Examples
    --------
    >>> enough_studies(9), enough_studies(10)
    (False, True)
    """
    return k >= MINIMUM_STUDIES


def few_studies_notes(k: int) -> tuple[str, ...]:
    """The note that flags a test of fewer than ten studies; nothing from ten on.

    Examples
    --------
    >>> few_studies_notes(4)[0].startswith("4 studies: below 10")
    True
    """
    return () if enough_studies(k) else (TOO_FEW.format(k=k, least=MINIMUM_STUDIES),)
