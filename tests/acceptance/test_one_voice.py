"""One answer, told once: every surface prints the same estimate, interval and verdict for one question.

Numbers are read back from each surface's own text, XML or bytes (`voice.py`) and held against the result that is
told. All standard questions are asked where a surface is quick; a sample with a fixed seed where it is slow, with
questions that a reader changed: filters, studies left out, other models, own and hypothetical studies.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import random
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from analysis.__main__ import main
from analysis.answer import Answer, answer, judge
from analysis.editions.record import record_of, told_today
from analysis.evidence import Evidence
from analysis.evidence.own import with_own
from analysis.export import tables
from analysis.export.artefacts import ARTEFACTS, link_to
from analysis.figures import forest
from analysis.figures.forest_table import cells, forest_table
from analysis.figures.network_table import network_table
from analysis.figures.words import caption
from analysis.network import network_answer
from analysis.question import Question
from analysis.robustness_views import influence, small_study
from analysis.standard_questions import standard_questions
from analysis.upload.what_if import Found, hypothetical
from analysis.wanted.find import wanted
from dashboard.page import Visit
from dashboard.pages import pages
from dashboard.pages.compare import answer_view
from tests.acceptance import voice
from tests.evidence_builder import shipped, standard_answers
from tests.own_studies import own_rows

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261128

CHANGED = (
    "v=1&fracture_age=13w&time=12m", "v=1&time=12m&without=carli-2023", "v=1&time=12m&tau2=EE&ci=wald",
    "v=1&time=12m&tau2=DL&ci=wald", "v=1&time=12m&level=0.9", "v=1&comparator=NSM&time=any&designs=open_rct",
    "v=1&outcome=new-fracture&intervention=AUG&comparator=NSM&time=any&model=mh",
    "v=1&outcome=new-fracture&intervention=AUG&comparator=NSM&time=any&model=peto",
    "v=1&outcome=new-fracture&intervention=AUG&comparator=NSM&time=any&measure=RR",
    "v=1&outcome=new-fracture&intervention=AUG&comparator=NSM&time=any&measure=RD",
    "v=1&outcome=leakage&intervention=BKP&comparator=NONE&time=any&model=glmm",
    "v=1&outcome=leakage&intervention=AUG&comparator=NONE&time=1d&measure=PAS",
    "v=1&outcome=new-fracture&intervention=NSM&comparator=NONE&time=24m&measure=PR&ci=wald",
    "v=1&outcome=new-fracture&intervention=AUG&time=any&measure=RD&inferred=no",
    "v=1&outcome=responder&intervention=BKP&comparator=NONE&time=any", "v=1&time=any&industry=no",
)  # fmt: skip
"""Questions with something changed by the reader, and a few that standard ones do not ask."""


def sample(size: int) -> tuple[Answer, ...]:
    """Standard answers with every number of studies and every model that is told, then others by chance."""
    kinds = {
        (min(a.told.result.k, 5), a.told.model, a.question.one_group, a.question.effect_measure): a
        for a in standard_answers()
    }
    rest = random.Random(SEED).sample(standard_answers(), len(standard_answers()))
    return tuple(dict.fromkeys((*kinds.values(), *rest)))[:size]


def question(query: str) -> Question:
    asked, said = Question.from_query(query)
    assert said == [], query
    return asked


@cache
def with_more() -> tuple[tuple[Answer, Evidence], ...]:
    """Answers to which a reader added: three studies of their own, and a hypothetical trial."""
    later = Question(time="12m")
    trial = hypothetical(later, Found(-2.0, patients=200), answer(later, shipped()), 1)
    mine, supposed = with_own(shipped(), own_rows()), with_own(shipped(), trial)
    return (
        (answer(Question(), mine), mine),
        (answer(later, mine), mine),
        (answer(later, supposed), supposed),
    )


@cache
def asked() -> tuple[tuple[Answer, Evidence], ...]:
    """What slow surfaces are asked: a sample, the changed, and those with studies added."""
    changed = ((answer(question(query), shipped()), shipped()) for query in CHANGED)
    found = (*((a, shipped()) for a in sample(24)), *changed, *with_more())
    assert all(a.studies for a, _ in found)
    return found


# --- reading a surface ---------------------------------------------------------------------------
def disagreements(text: str, found: Answer) -> list[str]:
    """What a surface prints that is neither told, nor a study's own, nor the result before a change."""
    allowed = [voice.told_by(found), *voice.studies_of(found)]
    if found.before is not None and found.before.studies:
        allowed.append(voice.told_by(found.before))
    wrong = [str(t) for t in voice.triples(text) if not any(t.is_of(one) for one in allowed)]
    own = {found.verdict.value} if found.verdict else set()
    wrong += [f"verdict: {v}" for v in sorted(voice.verdicts(text) - own)]
    return wrong


def says(text: str, found: Answer) -> bool:
    """Whether the interval that is told stands in a text; two groups of patients are told by their own figures."""
    if found.question.one_group and found.apart:
        return True
    told = voice.told_by(found)
    sides = [told]
    if (
        found.question.one_group and found.question.spec.kind == "score"
    ):  # "fell by 4.3 to 6.0 points"
        sides.append(voice.Figures(-told.estimate, -told.high, -told.low))
    return any(i.is_of(side) for i in voice.intervals(text) for side in sides)


def checked(surface: str, texts: Iterator[tuple[Answer, str]]) -> None:
    faults = []
    for found, text in texts:
        wrong = disagreements(text, found)
        if not says(text, found):
            wrong.append(f"does not print {voice.told_by(found)}")
        faults += [f"{surface}, {found.question.to_query()}: {w}" for w in wrong]
    assert faults == []


# --- words and tables, of every standard question ------------------------------------------------
def test_the_sentence_tells_the_interval_and_the_verdict():
    checked("sentence", ((a, str(a)) for a in standard_answers()))


def test_the_verdict_follows_from_the_interval_that_is_told():
    for a in standard_answers():
        assert a.verdict is judge(a.question, a.told.result, a.mid), a.question


def test_the_forest_table_tells_it():
    checked("forest table", ((a, _rows(a)) for a in standard_answers()))


def _rows(found: Answer) -> str:
    table = forest_table(found)
    return "\n".join(
        [*(row.effect for row in table.rows), *("\n".join(cells(r)) for r in table.rows)]
    )


def test_the_caption_tells_it():
    checked("caption", ((a, caption(a)) for a in standard_answers()))


def test_tables_and_results_json_hold_it():
    pooled = {
        row["query"]: row for row in tables.pooled_table(standard_answers()).to_dict("records")
    }
    plain = {
        row["query"]: row for row in json.loads(json.dumps(tables.as_json(standard_answers())))
    }
    for a in standard_answers():
        r, query = a.told.result, a.question.to_query()
        for name in ("estimate", "ci_low", "ci_high"):
            assert pooled[query][name] == plain[query]["pooled"][name] == getattr(r, name), query
        said = a.verdict.value if a.verdict else None
        assert plain[query]["verdict"] == said, query
        assert said is None or pooled[query]["verdict"] == said, query
        assert (pooled[query]["headline"], plain[query]["sentence"]) == (a.headline, a.sentence)


def test_an_edition_that_is_saved_tells_it_again():
    for a in standard_answers():
        record = record_of(a)
        again, r = told_today(record), a.told.result
        for one in (record, again):
            assert (one.estimate, one.ci_low, one.ci_high) == pytest.approx(
                (r.estimate, r.ci_low, r.ci_high), abs=1e-9
            ), a.question
            assert one.verdict == (a.verdict.value if a.verdict else ""), a.question


def test_what_is_wanted_starts_from_it():
    gains = [gain for one in wanted(shipped()) for gain in one.gains if gain.now is not None]
    assert len(gains) > 20
    for gain in gains:
        r = answer(gain.question, shipped()).told.result
        assert (gain.now.estimate, gain.now.low, gain.now.high) == pytest.approx(
            (r.estimate, r.ci_low, r.ci_high), abs=1e-12
        ), gain.question


# --- pages ---------------------------------------------------------------------------------------
def test_the_page_of_an_answer_tells_it():
    checked("page", ((a, _page(a, evidence)) for a, evidence in asked()))


def _page(found: Answer, evidence: Evidence) -> str:
    made = answer_view(
        evidence, found.question, Visit("/compare", found.question.to_query(), False)
    )
    # figures of studies as they stand, and of other questions
    return voice.text_of(made, without=("studies", "other-kinds"))


def test_how_robust_starts_from_it():
    """Each view's row of all studies, of questions as they stand, filtered, without a study, and with own studies."""
    some = [one for one in (*asked()[24:26], with_more()[0]) if len(one[0].studies) > 1]
    faults = []
    for a, evidence in some:
        for view in (influence, small_study):
            found = view.view(a.question, evidence, narrow=False)
            drawn = "\n".join(
                voice.figure_words(p.figure) for p in found.panels if p.figure is not None
            )
            if not says(drawn, a):
                faults.append(f"{found.key}, {a.question.to_query()}: no row is {voice.told_by(a)}")
    assert len(some) >= 2
    assert faults == []


def test_the_figure_tells_it():
    made = ((a, voice.figure_words(forest(a).to_plotly_json())) for a, _ in asked())
    checked("figure", made)


LINKED = (
    "/", "/time-course", "/history", "/claims", "/patient", "/harms", "/reviews", "/gaps", "/wanted", "/what-changed",
    "/missing", "/sources", "/robustness",
)  # fmt: skip


@pytest.mark.parametrize("page", LINKED)
def test_a_row_with_a_link_to_an_answer_prints_that_answer(page):
    """On every other page: the row's interval is that of the question behind its link."""
    made = next(p for p in pages() if p.path == page)
    rows = list(voice.linked(made.layout(shipped(), Visit(page, "", False))))
    faults = []
    for link, text in rows:
        found = answer(question(link), shipped())
        if not found.studies or not voice.intervals(text):
            continue
        if not says(text, found):
            faults.append(f"{page}, {link}: {text[:160]!r} is not {voice.told_by(found)}")
    assert faults == []


def test_the_network_tells_of_a_direct_comparison_what_its_own_page_tells():
    """In the table of every network, against every reference, and in what is told of a pair on its page."""
    seen, faults = set(), []
    for question in standard_questions():
        if question.one_group or question.unit != "patients":
            continue
        net = network_answer(question, shipped())
        if net.network is None:
            continue
        for row in network_table(net):
            q = row.contrast.question
            found = answer(q, shipped())
            if not row.direct or q in seen:
                continue
            seen.add(q)
            if not found.studies or not says(row.direct, found):
                faults.append(f"{q.to_query()}: {row.direct!r} is not {voice.told_by(found)}")
    assert len(seen) > 30
    assert faults == []


# --- files ---------------------------------------------------------------------------------------
def made(name: str, found: Answer, evidence: Evidence) -> bytes:
    return ARTEFACTS[name].make(found.question, evidence, link_to(found.question))


@pytest.mark.parametrize("name", ["slide.pptx", "deck.pptx"])
def test_slides_tell_it(name):
    texts = ((a, "\n".join(voice.slides(made(name, a, evidence)))) for a, evidence in asked())
    checked(name, texts)


def test_the_report_tells_it(monkeypatch):
    monkeypatch.setattr("analysis.export.report.parts.QUICK", ())  # the other analyses take most of its time

    def head(a: Answer, evidence: Evidence) -> str:
        words = voice.html_words(made("report.html", a, evidence))
        return words[: words.rfind("How robust this is")]  # where other analyses stand

    checked("report", ((a, head(a, evidence)) for a, evidence in asked()))


def test_methods_and_citation_tell_no_other():
    for a, evidence in asked():
        for name in ("methods.txt", "citation.txt"):
            assert disagreements(made(name, a, evidence).decode(), a) == [], (name, a.question)


def test_workbook_and_csv_files_hold_it():
    for a, evidence in asked():
        book = openpyxl.load_workbook(io.BytesIO(made("tables.xlsx", a, evidence)))
        header, *rows = book["results"].iter_rows(values_only=True)
        with zipfile.ZipFile(io.BytesIO(made("tables.zip", a, evidence))) as z:
            name = next(n for n in z.namelist() if n.endswith("results.csv"))
            plain = next(csv.DictReader(io.StringIO(z.read(name).decode("utf-8-sig"))))
        told = dict(zip(header, rows[0], strict=True))
        for field in ("estimate", "ci_low", "ci_high"):
            exact = getattr(a.told.result, field)
            assert told[field] == pytest.approx(exact, abs=1e-12), (field, a.question)
            assert float(plain[field]) == pytest.approx(exact, abs=1e-12), (field, a.question)
        about = "\n".join(str(c) for row in book["about"].iter_rows(values_only=True) for c in row)
        assert disagreements(about, a) == [], a.question
        assert says(about, a), a.question


def test_scripts_expect_it():
    for a, evidence in asked():
        r = a.told.result
        source = made("script.py", a, evidence).decode()
        expected = ast.literal_eval(re.search(r"^EXPECTED = (\{.*?^\})", source, re.S | re.M)[1])
        in_r = dict(
            re.findall(r'same\("(\w+)", [^,]+, ([-\d.e]+)', made("script.R", a, evidence).decode())
        )
        for field in ("estimate", "ci_low", "ci_high"):
            assert expected[field] == getattr(r, field), (field, a.question)
            if field in in_r:
                assert float(in_r[field]) == getattr(r, field), (field, a.question)


def test_the_command_pool_tells_it_of_the_exported_effects(tmp_path, capsys):
    """Of answers that rest on the effects: counts are pooled by models that the file of effects does not name."""
    for i, (a, evidence) in enumerate(asked()):
        q = a.question
        if a.told.chosen or a.told.model not in ("single", "prior", "random") or q.level != 0.95:
            continue
        if len({s.label for s in a.studies}) < len(
            a.studies
        ):  # the command takes rows of one name together
            continue
        file = tmp_path / f"{i}.csv"
        file.write_bytes(made("effects.csv", a, evidence))
        assert main(["pool", str(file), "--measure", "GEN", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        for name in ("estimate", "ci_low", "ci_high"):
            exact = getattr(a.told.result, name)
            assert found[name] == pytest.approx(exact, rel=1e-9, abs=1e-9), (name, q)


def test_the_command_export_writes_the_same_files(tmp_path, capsys):
    assert (
        main(["export", "--time", "12m", "--format", "csv,py,R,html", "--out", str(tmp_path)]) == 0
    )
    capsys.readouterr()
    for name in ("effects.csv", "script.py", "script.R", "report.html"):
        artefact, q = ARTEFACTS[name], Question(time="12m")
        assert (tmp_path / artefact.file_name(q)).read_bytes() == artefact.make(
            q, shipped(), link_to(q)
        ), name


# --- what no surface may do ----------------------------------------------------------------------
def test_no_headline_and_no_sentence_prints_a_value_outside_the_scale():
    faults = []
    for a in (*standard_answers(), *(found for found, _ in asked())):
        q = a.question
        if q.spec.kind == "score":
            if q.spec.scale is None:
                continue
            most = q.spec.scale[1] - q.spec.scale[0]
        elif q.one_group or q.effect_measure == "RD":
            most = 100.0
        else:
            continue
        for text in (a.headline, a.sentence):
            ends = [n.value for i in voice.intervals(text) for n in i]
            if any(abs(value) > most for value in ends):
                faults.append(f"{q.to_query()}: {text}")
    assert faults == []


# Rooms that may: the rule itself, what follows from it, and methods that need so many studies to exist.
_MAY_COUNT = (
    "synthesis",
    "appraisal",
    "robustness",
    "robustness_views",
    "effects",
    "review",
    "network_file",
)


def test_no_page_figure_or_file_decides_by_two_or_three_studies():
    """One study may be shown without a pooled row; what is told of two, or of three, is `told`'s to decide."""
    found = []
    for root in ("analysis", "dashboard"):
        for path in sorted((ROOT / root).rglob("*.py")):
            if path.relative_to(ROOT).parts[1] in _MAY_COUNT:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Compare) and _of_studies(node.left) and _two_or_three(node):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}")
    assert found == []


def _of_studies(left: ast.expr) -> bool:
    text = ast.unparse(left)
    return text == "k" or text.endswith(".k") or bool(re.fullmatch(r"len\((.*\.)?studies\)", text))


def _two_or_three(node: ast.Compare) -> bool:
    """`== 2`, `< 3`, `<= 2`, `>= 3`, `> 2`, `== 3` and the like; `< 2`, `> 1` and `>= 2` tell one from several."""
    (operator,), (right,) = node.ops[:1], node.comparators[:1]
    value = right.value if isinstance(right, ast.Constant) else None
    several = isinstance(operator, (ast.Lt, ast.GtE)) and value == 2
    return value in (2, 3, 4) and not several


def test_the_search_finds_what_it_looks_for():
    for code, expected in (
        ("len(a.studies) == 2", True),
        ("found.k < 3", True),
        ("k > 1", False),
        ("k >= 2", False),
    ):
        node = ast.parse(code, mode="eval").body
        assert (_of_studies(node.left) and _two_or_three(node)) is expected, code
