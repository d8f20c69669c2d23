"""Paule and Mandel's (:cite:t:`paule1982`): the root of Q(tau2) = df.

Two other estimators are the same, since their fixed points are the root of this equation: the
empirical Bayes estimate of :cite:t:`morris1983`, and Sidik and Jonkman's, iterated.
"""

from __future__ import annotations

from .kinds import WhereQIs

PM = WhereQIs("PM", "Paule-Mandel")
EB = WhereQIs("EB", "empirical Bayes")
SJIT = WhereQIs("SJIT", "Sidik-Jonkman, iterated", variant=True)
