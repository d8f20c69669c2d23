"""DerSimonian and Laird's (:cite:t:`dersimonian1986`): (Q - df) / trace.

statsmodels' `combine_effects` has DL and PM, and the tests compare with it where it is right. It is not
called here: it takes one set of studies at a time, and in release 0.15 its DL is not truncated at
0, its Q and its DL denominator cancel, and its PM can overstep the root and return 0.
"""

from __future__ import annotations

from .kinds import AtZero

DL = AtZero("DL", "DerSimonian-Laird")
