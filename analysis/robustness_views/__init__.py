"""How robust is an answer? Each module answers one such question for one Question, as a `View`.

The numbers come from `analysis.robustness`, the drawings from `analysis.figures`; a module here puts
both into words. Pages, command line, jobs and reports all show the same `View`.
"""

from analysis.robustness_views.view import Panel, Progress, View, quiet

__all__ = ["Panel", "Progress", "View", "quiet"]
