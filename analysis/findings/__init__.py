"""Summaries of findings as data: benefits and harms of a decision row by row, and the harms of every treatment.

`table.findings` makes the rows of a decision about a patient, for a topic whose room has a form for one; `matrix`
the harms of all treatments, for any topic.
"""

from analysis.findings.matrix import Harms, Matrix, in_short, matrix

__all__ = ["Harms", "Matrix", "in_short", "matrix"]
