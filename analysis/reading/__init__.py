"""Files that people bring, as tables of cells or as the analyses of a review.

`open_file` is the one way in. It knows formats, not meanings: which column is the mean (`mapping`,
`columns`, `words`), what a cell says (`cells`, `records`) and which number is a ratio (`scale`) is
decided by the modules beside it. Nothing is run, fetched, or left on disk, and every file is
bounded in size before it is unpacked.
"""

from analysis.reading.limits import LIMITS, Limits
from analysis.reading.open import open_file, open_files
from analysis.reading.opened import Analysis, Cell, Opened, Printed, Table, Unreadable

__all__ = [
    "LIMITS", "Analysis", "Cell", "Limits", "Opened", "Printed", "Table", "Unreadable", "open_file",
    "open_files",
]  # fmt: skip
