"""Paule and Mandel's made median-unbiased: the root of Q(tau2) = the median of chi-square.

Source: :cite:t:`viechtbauer2021`.
"""

from __future__ import annotations

from scipy.special import gammaincinv

from .kinds import WhereQIs

PMM = WhereQIs(
    "PMM",
    "Paule-Mandel, median-unbiased",
    variant=True,
    target=lambda df: 2 * gammaincinv(df / 2, 0.5),
)
