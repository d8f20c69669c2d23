"""Builds these pages, for reading without a network: python -m sphinx docs docs/_build (docs/requirements.txt)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

project = "Vertebral augmentation: the evidence"
copyright = "its contributors, MIT licence"
extensions = [
    "myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon",
    "sphinxcontrib.bibtex", "drawn",
]  # fmt: skip
myst_enable_extensions = ["dollarmath"]
bibtex_bibfiles = ["references.bib"]
bibtex_reference_style = "author_year"
exclude_patterns = ["_build", "_templates", "requirements.txt"]
html_theme = "furo"
html_static_path = ["../dashboard/assets/plotly-basic.min.js"]  # the figures of the gallery
html_favicon = "../dashboard/assets/icon.svg"
html_copy_source = False
html_show_sphinx = False
autodoc_member_order = "groupwise"
autodoc_typehints = "none"
templates_path = ["_templates"]
autosummary_imported_members = True  # a page for each name that a package lists
autosummary_ignore_module_all = False
napoleon_google_docstring = False
# Links between files of the repository that are no pages here; the docstrings' lists are not all reST.
suppress_warnings = ["myst.xref_missing", "myst.header", "docutils", "ref.python"]
html_math_renderer = "mathml"


def _inline(self: Any, node: nodes.math) -> None:
    self.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def _block(self: Any, node: nodes.math_block) -> None:
    self.body.append(f"<div>{tex2mathml(node.astext(), as_block=True)}</div>")
    raise nodes.SkipNode


def setup(app: Any) -> None:
    """Equations as MathML, which browsers set by themselves: no script from elsewhere."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
