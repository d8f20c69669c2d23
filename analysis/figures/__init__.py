"""Figures of answers, as Plotly figures; they know no page and compute nothing that an answer does not hold."""

from analysis.figures.forest import forest
from analysis.figures.layers import layers

__all__ = ["forest", "layers"]
