"""The command ``export``: the files of one Question, of claims, of a patient or of all harms, into a folder."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from analysis.errors import InputError
from analysis.evidence import Evidence
from analysis.evidence.for_command import read_for_command
from analysis.evidence.known_studies import check_studies
from analysis.export.artefacts import (
    CLAIMS,
    HARMS,
    NETWORK,
    PATIENT,
    QUESTION,
    VIEW,
    Artefact,
    NothingToTake,
    Subject,
    link_to,
    of,
)
from analysis.export.figure import question_figure
from analysis.export.images import KINDS, NoChrome, image_writer
from analysis.figures.standalone import SIZES
from analysis.findings import Harms
from analysis.question import Question
from analysis.room import claim_answers

ALL = "all"
_SITE = re.compile(r"https?://[^\s/?#]+")


class InvalidChoice(InputError):
    """A format, a size, a claim or a site that does not exist; the message says what does."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to write, of what, and where to.

    Parameters
    ----------
    subject : a Question, ids of claims (none: all claims), a patient, or all harms.
    formats : endings of files; the single ``all`` for every one.
    sizes : names of `SIZES`, for pictures.
    out : folder; made if it is missing.
    site : of the links in the files, such as ``https://host``; relative links without one.

    Raises
    ------
    InvalidChoice
        For a format or a size that does not exist, or a site that is no address.
    """

    subject: Subject
    formats: tuple[str, ...]
    sizes: tuple[str, ...]
    out: Path
    site: str = ""

    def __post_init__(self) -> None:
        allowed = (ALL, *formats_of(self.subject))
        _only("format", self.formats, allowed)
        if not self.formats:
            raise InvalidChoice(f"format: found none, allowed: {', '.join(allowed)}")
        _only("size", self.sizes, tuple(SIZES))
        if self.site and not _SITE.fullmatch(self.site):
            raise InvalidChoice(f"site: found {self.site!r}, allowed: https://host, without a path")

    def wants(self, ending: str) -> bool:
        return ALL in self.formats or ending.lower() in map(str.lower, self.formats)

    @property
    def artefacts(self) -> tuple[Artefact, ...]:
        return tuple(a for a in _offered(self.subject) if self.wants(a.ending))

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of pictures; there are none of claims, whose slides hold several."""
        drawn = KINDS if isinstance(self.subject, Question) else ()
        return tuple(kind for kind in drawn if self.wants(kind))


def formats_of(subject: Subject) -> tuple[str, ...]:
    """Endings of the files that a subject has.

    >>> {"svg", "pptx", "xlsx", "R"} <= set(formats_of(Question())), "svg" in formats_of(())
    (True, False)
    """
    pictures = KINDS if isinstance(subject, Question) else ()
    return tuple(dict.fromkeys((*pictures, *(a.ending for a in _offered(subject)))))


def _offered(subject: Subject) -> tuple[Artefact, ...]:
    """The files of a subject; of a Question also those of its network."""
    own = of(_about(subject))
    if not isinstance(subject, Question):
        return own
    return (*own, *(a for a in of(VIEW) if a.path == NETWORK))


def _about(subject: Subject) -> str:
    if isinstance(subject, Question):
        return QUESTION
    if isinstance(subject, tuple):
        return CLAIMS
    return HARMS if isinstance(subject, Harms) else PATIENT


def _only(name: str, found: Sequence[str], allowed: Sequence[str]) -> None:
    for text in found:
        if text.lower() not in map(str.lower, allowed):
            raise InvalidChoice(f"{name}: found {text!r}, allowed: {', '.join(allowed)}")


def run(wish: Wish, data: Path | None = None, *, quiet: bool = False) -> int:
    """Write the files; the exit code: 0, or 1 where something wished for could not be made, which is said."""
    try:
        evidence = read_for_command(data)
        if evidence is None:
            return 1
        _known(wish.subject, evidence)
        wish.out.mkdir(parents=True, exist_ok=True)
        silent = quiet or None  # None: where nobody watches
        bar = tqdm(total=_steps(wish), desc="Files", unit="file", disable=silent, file=sys.stderr)
        with bar:
            missing = _write(wish, evidence, bar)
    except NoChrome as none:
        print(none, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or wish.out}: {error.strerror or error}", file=sys.stderr)
        return 1
    for reason in dict.fromkeys(missing.values()):
        names = ", ".join(name for name, said in missing.items() if said == reason)
        print(f"Not written: {names}. {reason}", file=sys.stderr)
    return 1 if evidence.faults or missing else 0


def _known(subject: Subject, evidence: Evidence) -> None:
    if isinstance(subject, tuple):
        _only("claim", subject, [c.claim_id for c in claim_answers(evidence)])
    elif isinstance(subject, Question):
        check_studies(subject, evidence)


def _steps(wish: Wish) -> int:
    return len(wish.artefacts) + len(wish.kinds) * len(wish.sizes)


def _write(wish: Wish, evidence: Evidence, bar: tqdm) -> dict[str, str]:
    """Write file by file; what could not be made, with the reason.

    Pictures come last, because they need a Chrome, and the rest does not.
    """
    link = link_to(wish.subject, wish.site)
    missing: dict[str, str] = {}
    for artefact in wish.artefacts:
        path = wish.out / artefact.file_name(wish.subject)
        try:
            path.write_bytes(
                artefact.make(wish.subject, evidence, artefact.link(wish.subject, wish.site))
            )
            bar.write(str(path), file=sys.stdout)
        except NothingToTake as nothing:
            if artefact.about != VIEW:  # most questions have no network, and nobody misses it
                missing[artefact.name] = str(nothing)
        bar.update()
    if not wish.kinds or not isinstance(wish.subject, Question):
        return missing
    try:
        figures = {s: question_figure(wish.subject, evidence, link, SIZES[s]) for s in wish.sizes}
    except NothingToTake as nothing:
        return missing | dict.fromkeys(wish.kinds, str(nothing))
    with image_writer() as writer:
        for size, figure in figures.items():
            for kind in wish.kinds:
                path = wish.out / f"{wish.subject.slug()}-{size}.{kind}"
                writer.write(figure, path, SIZES[size])
                bar.write(str(path), file=sys.stdout)
                bar.update()
    return missing
