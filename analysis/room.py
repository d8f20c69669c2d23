"""The one door to what only the topic in force has: its claims, its finding, the questions that it rests on.

A topic's room is a package `analysis.topic.NAME` (the key `room` of `topic.toml`) with a package `claims`. It is
imported when it is asked for, because its Questions can be asked of its own topic only.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from analysis.evidence import Evidence
from analysis.question import Question
from analysis.topic import topic

if TYPE_CHECKING:
    from analysis.topic.vertebral.claims import ClaimAnswer


def claims() -> ModuleType:
    """The package of claims of the topic in force; only for a topic that has a page of claims or a finding."""
    return import_module(f"analysis.topic.{topic().room}.claims")


def patient() -> ModuleType:
    """The package of the form for a patient; only for a topic that has a page for one."""
    return import_module(f"analysis.topic.{topic().room}.patient")


def terms() -> Mapping[str, tuple[str, ...]]:
    """How pages spell the terms of the topic in force that the glossary explains; none for a topic without a room."""
    name = topic().room
    return import_module(f"analysis.topic.{name}.terms").TERMS if name else {}


def claim_answers(evidence: Evidence) -> tuple[ClaimAnswer, ...]:
    """All claims of the evidence with their answers; none where its topic has no page of claims."""
    return claims().claim_answers(evidence) if "claims" in evidence.topic.pages else ()


def lead_questions() -> tuple[Question, ...]:
    """Every question that the front page and the claims rest on, each once; without claims those of `topic.toml`.

    >>> Question(designs=("sham_rct",)) in lead_questions()
    True
    """
    if "claims" in topic().pages:
        return claims().lead_questions()
    own = (Question.from_query(lead.query)[0] for lead in topic().lead)
    return tuple(dict.fromkeys((Question(), *own)))
