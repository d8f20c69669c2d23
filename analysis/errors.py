"""One family of errors for whoever calls this package: catch `AnalysisError`, or the kind that can be mended.

Each says in its message what was found and what is allowed. What stood as a `ValueError` before is one still.

>>> from analysis.synthesis import pool
>>> try:
...     pool([0.2, 0.4], [0.01, -0.02])
... except AnalysisError as error:
...     print(type(error).__name__, "-", error)
InputError - vi must be positive (it is a variance); found -0.02 at position 1 (counting from 0), 1 of 2 in all
"""

from __future__ import annotations


class AnalysisError(Exception):
    """What this package raises on purpose; anything else is a fault of ours."""


class InputError(AnalysisError, ValueError):
    """What was passed in is not as it must be: values, lengths, names, options."""


class FileError(InputError):
    """A file cannot be read, or does not hold what is needed."""


class NotEstimable(AnalysisError, ValueError):
    """The input is sound, but these studies cannot tell what is asked: too few, all equal, not linked."""


class NoConvergence(NotEstimable):
    """A search came to no end."""


class MissingProgram(AnalysisError, RuntimeError):
    """A program that does part of the work is not on this machine."""
