"""Hunter and Schmidt's (:cite:t:`hunter1990`), in the form of :cite:t:`viechtbauer2005`: (Q - k) / W.

HSk has :cite:t:`brannick2019`'s correction for few studies: (k / df Q - k) / W.
"""

from __future__ import annotations

from .kinds import AtZero

HS = AtZero("HS", "Hunter-Schmidt", over="total", expected=lambda k, df: k)
HSK = AtZero(
    "HSk",
    "Hunter-Schmidt, corrected for few studies",
    variant=True,
    over="total",
    expected=lambda k, df: k,
    times=lambda k, df: k / df,
)
