"""A view asked for one Question: how it is worked out, and the name under which a queue keeps its result."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import analysis
from analysis.evidence import Evidence
from analysis.question import Question
from analysis.robustness_views import subsets
from analysis.robustness_views.registry import VIEWS
from analysis.robustness_views.view import Progress, View, quiet


@dataclass(frozen=True, slots=True)
class Ask:
    """One view of robustness, asked for one Question.

    Attributes
    ----------
    question : what is asked.
    view : key of the view.
    narrow : for a phone's screen; only figures depend on it.
    study : a trial that the view singles out, where it can; "" leaves that to the view.
    """

    question: Question
    view: str
    narrow: bool = False
    study: str = ""

    @classmethod
    def from_store(cls, stored: object) -> Ask:
        """Read what the browser holds, whatever it is; the Question is checked as in an address.

        >>> ask = Ask(Question(time="12m"), "multiverse")
        >>> Ask.from_store(ask.to_store()) == ask
        True
        """
        stored = stored if isinstance(stored, Mapping) else {}
        question, _ = Question.from_query(str(stored.get("query") or ""))
        view, study = (str(stored.get(name) or "")[:200] for name in ("view", "study"))
        return cls(question, view, bool(stored.get("narrow")), study)

    def to_store(self) -> dict[str, object]:
        query = self.question.to_query()
        return {"query": query, "view": self.view, "narrow": self.narrow, "study": self.study}

    def view_of(self, evidence: Evidence, progress: Progress = quiet) -> View:
        """Work the view out here and now."""
        singled_out = {"study": self.study} if self.view == subsets.KEY and self.study else {}
        look = VIEWS[self.view].view
        return look(self.question, evidence, narrow=self.narrow, progress=progress, **singled_out)

    def key(self, stamp: Stamp) -> str:
        """Name of the result: another Question, view, screen, data or code, another name."""
        parts = [*self.to_store().values(), stamp.data, stamp.code]
        return "view-" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which data and which code a result comes from; page and job must agree on both."""

    data: str
    code: str

    @classmethod
    def of(cls, evidence: Evidence) -> Stamp:
        return cls(evidence.version, code_version())


LIBRARIES = ("numpy", "pandas", "plotly", "scipy", "statsmodels")
"""What the analysis computes and draws with: another version may come to other digits."""


@cache
def code_version() -> str:
    """Fingerprint of the analysis: the same source files, libraries and Python, the same version."""
    folder = Path(analysis.__file__).parent
    found = hashlib.sha256(platform.python_version().encode())
    for name in LIBRARIES:
        found.update(f"{name} {version(name)}\0".encode())
    for path in sorted(folder.rglob("*.py")):
        found.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]
