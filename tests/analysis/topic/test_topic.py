"""`topic.toml` is read strictly: what is missing, unknown or not allowed is named, and nothing is guessed."""

from __future__ import annotations

import re
import tomllib

import pytest

from analysis import Question, answer, load_evidence
from analysis import vocabulary as words
from analysis.evidence.load import DATA
from analysis.topic import FILE, TopicError, load_topic, topic, use
from analysis.topic.read import topic_of
from tests.evidence_folder import copy_data

TEXT = (DATA / FILE).read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def shipped_again():
    """Whatever a test puts in force, the next one starts from what comes with the project."""
    yield
    use(load_topic(DATA))


def faults_of(text: str) -> list[str]:
    with pytest.raises(TopicError) as error:
        topic_of(DATA / FILE, text.encode())
    return str(error.value).splitlines()


def section(name: str) -> str:
    """The lines of one table, its header included."""
    return re.search(rf"^\[{re.escape(name)}\].*?(?=^\[|\Z)", TEXT, re.M | re.S).group(0)


def test_shipped_topic_has_no_fault_and_is_the_one_in_force():
    assert load_evidence().topic is topic() is load_topic(DATA)
    assert list(words.OUTCOMES) == list(tomllib.loads(TEXT)["outcomes"])


@pytest.mark.parametrize("key", ["label", "source", "better", "unit", "digits", "told_by_patients"])
def test_a_score_without_one_of_its_pieces_is_a_fault_that_names_it(key):
    mine = section("outcomes.rmdq")
    [line] = faults_of(TEXT.replace(mine, re.sub(rf"(?m)^{key} = .*\n", "", mine)))
    assert f"[outcomes.rmdq], key {key}: found nothing, allowed: " in line


@pytest.mark.parametrize("key", ["label", "short", "role", "colour"])
def test_a_treatment_without_one_of_its_pieces_is_a_fault_that_names_it(key):
    mine = section("treatments.VAI")
    line, *_ = faults_of(TEXT.replace(mine, re.sub(rf"(?m)^{key} = .*\n", "", mine)))
    assert f"[treatments.VAI], key {key}: found nothing, allowed: " in line


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "event"', 'kind = "count"', "found 'count', allowed: score, event"),
        ('better = "higher"', 'better = "up"', "found 'up', allowed: lower, higher"),
        ("scale = [0, 24]", "scale = [24, 0]", "found [24, 0], allowed: two numbers, the lower first"),
        ("digits = 3", "digits = 2.5", "found 2.5, allowed: a whole number from 0 to 6"),
        ('instruments = ["eq5d"]', 'instruments = ["eq6d"]', "[outcomes.eq5d], key instruments: found 'eq6d'"),
        ('set_aside = ["odi_raw"]', 'set_aside = ["vas"]', "[outcomes.odi], key set_aside: found 'vas', allowed: odi"),
        ('colour = "#0072B2"', 'colour = "blue"', "found 'blue', allowed: a colour such as #0072B2"),
        ('role = "usual"', 'role = "care"', "found 'care', allowed: treatment, placebo, usual"),
        ('members = ["BKP", "VP", "VAI"]', 'members = ["BKP", "PKP"]', "['BKP', 'PKP'], allowed: a list of 'BKP'"),
        ("[groups.AUG]", '[groups.VAI]\nlabel = "x"\nshort="x"\nmembers = ["BKP"]\ncolour = "#000000"\n\n[groups.AUG]',
         "found 'VAI' twice, allowed: one of a name"),
        ('outlined = true', 'outline = true', "[treatments.VAI], key outline: found a key that is not known"),
        ('intervention = "VP"', 'intervention = "PVP"', "[default], key intervention: found 'PVP', allowed: BKP, VP"),
        ("target = 4\n", "target = true\n", "[windows.1m], key target: found True, allowed: a number"),
        ("weeks = 13", 'weeks = "13"', "[ages.13w], key weeks: found '13', allowed: a number"),
        ("first_year = 1984", "first_year = 84", "key first_year: found 84"),
        ("[outcomes.infection]", "[outcome.infection]", "key outcome: found a key that is not known"),
        ('name = "Vertebral augmentation"', "name = ", "the file: found "),
    ],
)  # fmt: skip
def test_a_wrong_piece_is_named_with_what_is_allowed(old, new, said):
    assert old in TEXT
    lines = faults_of(TEXT.replace(old, new))
    assert all(line.startswith(str(DATA / FILE)) for line in lines)
    assert any(said in line for line in lines), lines


def test_all_faults_are_told_at_once():
    text = TEXT.replace('colour = "#0072B2"', "colour = 1").replace("digits = 3", "digits = 9")
    assert len(faults_of(text)) == 2


def test_a_new_outcome_and_a_new_treatment_are_one_entry_each(tmp_path):
    more = '\n[treatments.PLD]\nlabel = "facet injection"\nshort = "injection"\n'
    more += 'role = "treatment"\ncolour = "#56B4E9"\n'
    more += (
        '\n[outcomes.vas-back]\nlabel = "Back pain"\nsource = "back_pain"\nkind = "score"\nbetter = "lower"\n'
        'unit = "points"\nscale = [0, 100]\ndigits = 0\nmid = false\ntold_by_patients = true\n'
    )
    folder = copy_data(tmp_path / "data")
    (folder / FILE).write_text(TEXT + more, encoding="utf-8")
    evidence = load_evidence(folder)
    assert not evidence.faults
    question = Question(outcome="vas-back", intervention="PLD", comparator="NSM")
    assert question.title() == "Back pain: facet injection against non-surgical care, 1 month"
    assert evidence.version != load_evidence().version


def test_a_folder_with_a_faulty_topic_loads_nothing_and_says_why(tmp_path):
    folder = copy_data(tmp_path / "data")
    (folder / FILE).write_text(TEXT.replace("digits = 3", ""), encoding="utf-8")
    evidence = load_evidence(folder)
    assert evidence.studies.empty
    assert [str(f) for f in evidence.faults] == [
        "topic.toml, [outcomes.eq5d], key digits: found nothing; allowed: a whole number from 0 to 6"
    ]


def test_a_question_that_the_topic_asks_and_does_not_know_is_a_fault(tmp_path):
    folder = copy_data(tmp_path / "data")
    (folder / FILE).write_text(TEXT.replace('"time=12m"', '"time=12x"'), encoding="utf-8")
    [fault] = load_evidence(folder).faults
    assert str(fault).startswith("topic.toml, [lead.sham]: found 'time=12x' (time: found '12x'")


def test_evidence_of_a_topic_that_is_no_longer_in_force_is_not_asked(tmp_path):
    folder = copy_data(tmp_path / "data")
    (folder / FILE).write_text(TEXT.replace('name = "Vertebral augmentation"', 'name = "Other"'))
    other = load_evidence(folder)
    question = Question()
    assert answer(question, other).studies
    load_evidence()
    with pytest.raises(ValueError, match="found Other, allowed: Vertebral augmentation"):
        answer(question.replace(time="3m"), other)


def test_the_same_text_is_the_same_topic_wherever_it_stands(tmp_path):
    assert load_evidence(copy_data(tmp_path / "data")).topic is load_topic(DATA)


def test_a_folder_without_a_topic_is_about_the_one_in_force(tmp_path):
    folder = copy_data(tmp_path / "data")
    (folder / FILE).unlink()
    evidence = load_evidence(folder)
    assert evidence.topic is load_topic(DATA)
    assert evidence.version == load_evidence().version
