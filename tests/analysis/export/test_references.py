"""References, citation and methods: read by independent programs, nothing invented, nothing escapes its field."""

from __future__ import annotations

import re
from pathlib import Path

import bibtexparser
import pytest
import rispy

from analysis import Question, answer
from analysis.evidence.records import results_by_id, studies_by_id
from analysis.evidence.select import REASONS
from analysis.export import references
from analysis.export.artefacts import ARTEFACTS, NothingToTake
from analysis.export.citation import cite_view
from analysis.export.methods import methods
from analysis.export.provenance import origin_of
from analysis.export.references import Reference, bibtex, references_of, ris, vancouver
from analysis.survey.provenance import release
from tests.evidence_builder import changed_study, shipped

SHAM = Question(time="12m")
LINK = "https://example.org/compare?v=1&time=12m"
EVERY = [Reference(i, row) for i, row in enumerate(studies_by_id(shipped()).values(), start=1)]
HOSTILE = "50% of {A} & B_1 #2 $x$ ~ ^ \\cmd }, year = {1900}, x = {\n@article{evil, TI  - no"


def made(name: str, question: Question = SHAM) -> str:
    return ARTEFACTS[name].make(question, shipped(), LINK).decode()


def test_the_list_holds_every_report_behind_the_answer_once():
    found, rows = answer(SHAM, shipped()), results_by_id(shipped())
    printed = {rows[row]["study_id"] for s in found.studies for row in s.row_ids}
    listed = references_of((found, found), shipped())
    assert [r.number for r in listed] == list(range(1, len(listed) + 1))
    assert {r.study_id for r in listed} == printed | {s.trial for s in found.studies}


@pytest.mark.parametrize("reference", EVERY, ids=lambda r: r.study_id)
def test_vancouver_states_what_is_known_and_nothing_else(reference):
    row, text = reference.row, vancouver(reference)
    for field in ("first_author", "doi", "pmid", "registration", "volume", "pages"):
        assert str(row[field]) in text
    assert row["title"].strip().rstrip(".") in text
    assert (references.NO_YEAR in text) == (reference.year == "")
    assert (references.NO_TITLE in text) == (row["title"] == "")
    assert ("et al." in text) == bool(row["first_author"]) or "et al" in row["title"]


def test_a_described_title_stands_in_brackets():
    described = [r for r in EVERY if r.described and r.row["title"]]
    assert described
    assert all(f"[{r.row['title'].rstrip('.')}]." in vancouver(r) for r in described)
    assert all(references.DESCRIBED in bibtex([r]) for r in described)
    assert all(f"TI  - [{r.row['title']}]" in ris([r]) for r in described)


def test_an_independent_parser_reads_every_report_as_bibtex():
    library = bibtexparser.parse_string(bibtex(EVERY, ["a comment with @article{ in it"]))
    assert library.failed_blocks == []
    assert [e.key for e in library.entries] == [r.study_id for r in EVERY]
    for entry, r in zip(library.entries, EVERY, strict=True):
        fields = {f.key: f.value for f in entry.fields}
        assert fields.get("doi", "") == r.row["doi"]
        assert fields.get("year", "") == r.year
        assert fields.get("pmid", "") == r.row["pmid"]
        assert entry.entry_type == ("article" if r.row["journal"] else "misc")
        assert ("author" in fields) == bool(r.row["first_author"])


def test_an_independent_parser_reads_every_report_as_ris():
    found = rispy.loads(ris(EVERY, ["a note"]))
    assert len(found) == len(EVERY)
    for entry, r in zip(found, EVERY, strict=True):
        assert entry["id"] == r.study_id
        assert entry.get("doi", "") == r.row["doi"]
        assert entry.get("year", "") == r.year
        assert entry.get("journal_name", entry.get("secondary_title", "")) == r.row["journal"]
        assert "a note" in entry["notes"]


def test_no_text_of_the_data_ends_its_field():
    evidence = changed_study(shipped(), "carli-2023", title=HOSTILE, journal=HOSTILE)
    found = references_of((answer(SHAM, evidence),), evidence)
    library = bibtexparser.parse_string(bibtex(found))
    assert library.failed_blocks == []
    assert [e.key for e in library.entries] == [r.study_id for r in found]
    entry = library.entries_dict["carli-2023"]
    assert [f.key for f in entry.fields].count("year") == 1
    assert entry["year"] == "2023"
    assert [e["id"] for e in rispy.loads(ris(found))] == [r.study_id for r in found]


def test_names_in_the_form_of_each_format():
    row = dict(studies_by_id(shipped())["carli-2023"])

    def author(name: str) -> tuple[str, str]:
        one = [Reference(1, row | {"first_author": name})]
        in_bibtex = re.search(r"author = \{(.*)\},", bibtex(one))[1]
        return in_bibtex, re.search("AU  - (.*)\r", ris(one))[1]

    assert author("Comstock BA") == ("Comstock, B. A. and others", "Comstock,B.A.")
    assert author("Müller") == ("{Müller} and others", "Müller")
    assert author("Jin Zhankui") == ("{Jin Zhankui} and others", "Jin Zhankui")


@pytest.mark.parametrize("name", ["references.txt", "references.bib", "references.ris"])
def test_a_reference_file_names_its_origin_and_cites_the_program(name):
    text = made(name)
    for part in (LINK, shipped().sha256, release().title, SHAM.title()):
        assert part in text
    with pytest.raises(NothingToTake):
        made(name, Question(intervention="BKP"))


def test_the_whole_files_parse():
    k = len(references_of((answer(SHAM, shipped()),), shipped()))
    assert len(bibtexparser.parse_string(made("references.bib")).entries) == k + 1
    assert rispy.loads(made("references.ris"))[-1]["type_of_reference"] == "COMP"


def test_the_citation_agrees_with_the_citation_file():
    text = (Path(__file__).resolve().parents[3] / "CITATION.cff").read_text(encoding="utf-8")
    program = release()
    for field in ("title", "version"):
        assert f'{field}: "{getattr(program, field)}"' in text
    assert f'date-released: "{program.date}"' in text
    assert f'- name: "{program.authors}"' in text
    cited = cite_view(SHAM.title(), origin_of(shipped(), LINK))
    for part in (program.authors, program.title, program.version, program.year, SHAM.title(), LINK):
        assert part in cited
    assert f"Data version {shipped().version}" in cited
    assert shipped().sha256 in cited
    assert cited in made("citation.txt")


# --- methods -------------------------------------------------------------------------------------
QUESTIONS = (
    SHAM, Question(), Question(intervention="BKP"), Question(comparator="NONE"),
    Question(outcome="leakage", intervention="BKP", comparator="NONE", time="any"),
    Question(outcome="new-fracture", intervention="AUG", comparator="NSM", time="any", tau2="EE", ci="wald"),
)  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.slug())
def test_methods_state_the_search_the_counts_the_model_and_the_versions(question):
    found = answer(question, shipped())
    parts = dict(methods(found, shipped(), origin_of(shipped(), LINK)))
    assert "not found by a systematic search" in parts["Sources"]
    assert f"Of {found.considered} reported results" in parts["Selection"]
    assert found.considered == found.rows_used + len(found.left_out)
    for reason, n in found.left_out_by_reason().items():
        assert f"{REASONS[reason]} ({n})" in parts["Selection"]
    assert shipped().sha256 in parts["Software"]
    assert "numpy" in parts["Software"]
    assert ("Synthesis" in parts) == bool(found.studies)
    if found.pooled is not None and found.pooled.k > 1:
        by_model = {"common": "common-effect", "random": "random-effects", "prior": "averaged over"}
        assert by_model.get(found.told.model, "") in parts["Synthesis"]
        predicts = found.pooled.pi_low is not None
        assert ("prediction interval rests" in parts["Synthesis"]) == predicts
    assert "  " not in made("methods.txt", question)


def test_methods_say_what_the_reader_left_out():
    chosen = SHAM.replace(borrow=False, industry=False, without=("carli-2023",), report="main")
    text = made("methods.txt", chosen)
    for part in ("have to be borrowed", "funded by industry", "carli-2023", "main reports only"):
        assert part in text
