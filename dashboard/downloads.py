"""Downloads: every artefact has an address, ``/take/<name>?<the Question's query>``, that stays the same.

What cannot be delivered is said in words with a status: an unknown name or an empty answer 404, a query that
was not understood 400 (a page would show a notice; a file must not answer another question in silence).
"""

from __future__ import annotations

import re
from hashlib import sha256

from flask import Flask, Request, Response, request

from analysis.evidence import Evidence
from analysis.evidence.own import OwnRows, TooMuch, file_mark, with_own
from analysis.export.artefacts import (
    ARTEFACTS,
    CLAIMS,
    HARMS,
    PATIENT,
    PNG,
    Artefact,
    NothingToTake,
    Subject,
)
from analysis.findings import Harms
from analysis.question import Question
from analysis.room import claim_answers, patient
from dashboard.web import in_words

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_NAME}|\[[0-9A-Fa-f:.]{{2,45}}\])(?::\d{{1,5}})?")

HOUR = 3600  # seconds
_OF_A_PAGE = re.compile(r"(?:view|study|year|show)=")
"""What a page keeps in its address about itself: no part of a Question."""


def connect(server: Flask, evidence: Evidence) -> None:
    """Add the route. A reader's own studies, which no address can carry, come in the body of a POST."""

    def take(name: str) -> Response:
        try:
            return _take(name, evidence_of(request, evidence))
        except TooMuch as error:  # a file without them would pass for one with them
            said = f"Nothing was made: your own studies are over the limits: {error}."
            return in_words("The file was not made", said, 400)

    server.add_url_rule("/take/<name>", "take", take, methods=["GET", "POST"])


def evidence_of(asked: Request, shipped: Evidence) -> Evidence:
    """The evidence that a request is to be answered from: with the reader's own studies, where it brings them.

    Raises
    ------
    TooMuch
        When it brings more than the limits allow.
    """
    kept = asked.get_json() if asked.method == "POST" else None
    return with_own(shipped, OwnRows.from_store(kept)) if kept else shipped


def site_of(asked: Request) -> str:
    """The server as the reader sees it, for links in files; nothing where the Host header makes no sense.

    The header is the reader's own, so a link can lead no further than where the reader already is; but it
    is printed in files, so only the letters of host names pass.
    """
    return f"{asked.scheme}://{asked.host}" if _HOST.fullmatch(asked.host) else ""


def _take(name: str, evidence: Evidence) -> Response:
    artefact = ARTEFACTS.get(name)
    if artefact is None:
        there = ", ".join(ARTEFACTS)
        return in_words(
            "No such file", f"There is no download of this name. There are: {there}.", 404
        )
    subject, said = _subject(artefact, evidence)
    if said:
        return in_words(
            "The address was not understood", f"Nothing was made. {' '.join(said)}.", 400
        )
    try:
        content = artefact.make(subject, evidence, artefact.link(subject, site_of(request)))
    except NothingToTake as nothing:
        return in_words("There is nothing to take away", str(nothing), 404)
    response = Response(content, mimetype=artefact.media_type)
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{artefact.file_name(subject, file_mark(evidence))}"'
    )
    response.headers["X-Data-Version"] = evidence.version
    if artefact.media_type == PNG and request.method == "GET":  # for previews of links, by machines
        response.headers["Content-Disposition"] = "inline"
        response.cache_control.public = True
        response.cache_control.max_age = HOUR
    else:
        response.cache_control.no_cache = True
    response.set_etag(sha256(content).hexdigest()[:32])
    return response.make_conditional(request)


def _subject(artefact: Artefact, evidence: Evidence) -> tuple[Subject, list[str]]:
    """What the address asks for, and a line for everything in it that was not understood."""
    query = request.query_string.decode("utf-8", "replace")
    query = "&".join(p for p in query.split("&") if not _OF_A_PAGE.match(p))
    if artefact.about == PATIENT:
        return patient().Patient.from_query(query)
    if artefact.about == HARMS:
        return Harms(), [f"{key[:40]}: not understood here" for key in request.args]
    if artefact.about != CLAIMS:
        return Question.from_query(query)
    known = [c.claim_id for c in claim_answers(evidence)]
    asked = tuple(dict.fromkeys(c for c in request.args.getlist("claim") if c != "all"))
    said = [f"claim: there is none called {c[:40]!r}" for c in asked if c not in known]
    said += [f"{key[:40]}: not understood here" for key in request.args if key != "claim"]
    return asked, said
