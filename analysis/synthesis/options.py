"""The options that every way of pooling has in common, and what is said when one is wrong."""

from __future__ import annotations

from numbers import Real

from analysis.errors import InputError

from .checks import check_choice
from .estimators import TAU2_ESTIMATORS

COMMON_EFFECT = "EE"
GIVEN = "given"


def model_of(tau2: str | float) -> tuple[str, float | None]:
    """Name of the tau2 method, and the value of tau2 where it was given.

    Raises
    ------
    ValueError
        Neither one of the estimators, nor "EE", nor a number from 0 to 1e60.

    Examples
    --------
    >>> model_of("REML"), model_of(0.2)
    (('REML', None), ('given', 0.2))
    """
    if isinstance(tau2, str):
        check_choice(tau2, "tau2", (*TAU2_ESTIMATORS, COMMON_EFFECT))
        return tau2, None
    if isinstance(tau2, Real) and not isinstance(tau2, bool):
        if not 0 <= tau2 <= 1e60:
            raise InputError(f"tau2, if given as a number, must be from 0 to 1e60; found {tau2}")
        return GIVEN, float(tau2)
    allowed = ", ".join((*TAU2_ESTIMATORS, COMMON_EFFECT))
    raise InputError(f"tau2 must be one of {allowed}, or a number >= 0; found {tau2!r}")
