"""``python -m analysis network``: the same studies in every layout and encoding give the same result."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from analysis import __main__ as command_line
from analysis.synthesis.network import fit_network, from_arms

ARMS = [
    ("Anna", "A", 4, 40), ("Anna", "B", 9, 41), ("Bert", "A", 3, 30), ("Bert", "C", 8, 33),
    ("Cleo", "A", 6, 50), ("Cleo", "B", 9, 52), ("Cleo", "C", 12, 49), ("Dora", "B", 5, 25), ("Dora", "C", 6, 27),
]  # fmt: skip
EXPECTED = fit_network(
    from_arms(*zip(*((s, t) for s, t, _, _ in ARMS), strict=True), "OR",
              events=[r for *_, r, _ in ARMS], n=[n for *_, n in ARMS])
)  # fmt: skip
LONG = [
    "study,treatment,events,n", "Study,Treat,event,Total", "studlab,trt,r,n", "id,treatment,xi,ni",
    "study,treatment,responders,sampleSize", "StudyID,T,R,N",
]  # fmt: skip


def run(capsys, path: Path, *options: str) -> tuple[int, dict, str]:
    code = command_line.main(["network", str(path), "--json", *options])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else {}, err


def same(told: dict) -> None:
    for row in "ABC":
        for column in "ABC":
            at = EXPECTED.place(row), EXPECTED.place(column)
            for name in ("estimate", "se"):
                wanted = getattr(EXPECTED.random, name)[at]
                assert told["random"][name][row][column] == pytest.approx(wanted, abs=1e-9)
    assert told["q"] == pytest.approx(EXPECTED.q, abs=1e-9)


def long_text(header: str, separator: str = ",") -> str:
    lines = [header.replace(",", separator), *(separator.join(map(str, arm)) for arm in ARMS)]
    return "\n".join(lines) + "\n"


def wide_text(header: str, empty: str = "") -> str:
    """One row per study; `header` has the name of the study and one of each column, "{}" the number."""
    study, *columns = header.split(",")
    lines = [",".join([study, *(c.format(i) for i in (1, 2, 3) for c in columns)])]
    for name in dict.fromkeys(arm[0] for arm in ARMS):
        cells = [str(value) for arm in ARMS if arm[0] == name for value in arm[1:]]
        lines.append(",".join([name, *cells, *[empty] * (9 - len(cells))]))
    return "\n".join(lines) + "\n"


def contrasts_text(header: str, separator: str = ",", decimal: str = ".") -> str:
    lines = [header.replace(",", separator)]
    names = EXPECTED.studies
    for block in names.blocks:
        for study, arms, effects, v in zip(
            block.study, block.arms, block.effects, block.covariance, strict=True
        ):
            values = np.array([0, *effects])
            whole = np.zeros((len(arms),) * 2)
            whole[1:, 1:] = v
            for i in range(len(arms)):
                for j in range(i):
                    se = (whole[i, i] + whole[j, j] - 2 * whole[i, j]) ** 0.5
                    row = (
                        names.labels[study], names.treatments[arms[i]], names.treatments[arms[j]],
                        f"{values[i] - values[j]:.15f}", f"{se:.15f}",
                    )  # fmt: skip
                    lines.append(
                        separator.join(row[:3])
                        + separator
                        + separator.join(x.replace(".", decimal) for x in row[3:])
                    )
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("header", LONG)
def test_one_row_per_arm(tmp_path, capsys, header):
    path = tmp_path / "arms.csv"
    path.write_text(long_text(header), encoding="utf-8")
    code, told, err = run(capsys, path)
    assert code == 0
    same(told)
    assert told["measure"] == "OR"
    assert "no measure was named" in err
    assert told["warnings"] == []


@pytest.mark.parametrize(
    "header",
    [
        "Study,T.{},R.{},N.{}",
        "study,treat{},event{},n{}",
        "studyID,t.{},r.{},n.{}",
        "id,treatment{},events{},total{}",
        "study,arm {} treatment,arm {} events,arm {} n",
        "study,treatment_arm{},events_arm{},n_arm{}",
    ],
)
@pytest.mark.parametrize("empty", ["", "NA"])
def test_one_row_per_study(tmp_path, capsys, header, empty):
    path = tmp_path / "wide.csv"
    path.write_text(wide_text(header, empty), encoding="utf-8")
    code, told, _ = run(capsys, path)
    assert code == 0
    same(told)


@pytest.mark.parametrize(
    ("header", "separator", "decimal", "encoding"),
    [
        ("studlab,treat1,treat2,TE,seTE", ",", ".", "utf-8"),
        ("Study,Treatment1,Treatment2,te,sete", ";", ",", "utf-8-sig"),
        ("study,t1,t2,yi,sei", "\t", ".", "utf-16"),
        ("slab,trt1,trt2,diff,std.err", ";", ",", "cp1252"),
        ("trial,treatment,comparator,estimate,se", ",", ".", "utf-8"),
    ],
)
def test_one_row_per_comparison(tmp_path, capsys, header, separator, decimal, encoding):
    path = tmp_path / "contrasts.txt"
    path.write_text(contrasts_text(header, separator, decimal), encoding=encoding)
    code, told, _ = run(capsys, path, "--measure", "or")
    assert code == 0
    same(told)
    assert told["measure"] == "OR"


def test_pairs_of_two_groups_with_metafors_names(tmp_path, capsys):
    rows = ["study,trt1,trt2,ai,n1i,ci,n2i"]
    for name in dict.fromkeys(arm[0] for arm in ARMS):
        own = [arm for arm in ARMS if arm[0] == name]
        rows += [
            f"{name},{a[1]},{b[1]},{a[2]},{a[3]},{b[2]},{b[3]}"
            for i, a in enumerate(own)
            for b in own[:i]
        ]
    path = tmp_path / "pairs.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    code, told, _ = run(capsys, path)
    assert code == 0
    same(told)


def test_a_measure_named_in_a_column_is_taken(tmp_path, capsys):
    lines = long_text("study,treatment,events,n").splitlines()
    path = tmp_path / "arms.csv"
    path.write_text(
        "\n".join([lines[0] + ",measure", *(line + ",Risk ratio" for line in lines[1:])])
    )
    assert run(capsys, path)[1]["measure"] == "RR"
    assert run(capsys, path, "--measure", "rd")[1]["measure"] == "RD"


def test_unknown_columns_may_be_mapped(tmp_path, capsys):
    path = tmp_path / "arms.csv"
    path.write_text(long_text("study,treatment,stroke,randomised patients"), encoding="utf-8")
    code, _, err = run(capsys, path)
    assert code == 1
    assert "found study, treatment, stroke, randomised patients; allowed: " in err
    code, told, _ = run(capsys, path, "--map", "events=stroke", "n=randomised patients")
    assert code == 0
    same(told)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "study,treatment,events,n\na,A,9,5\na,B,1,5\n",
            "row 2, column events: found 9; allowed: at most",
        ),
        (
            "study,treatment,events,n\na,A,many,5\na,B,1,5\n",
            'row 2, column events: found "many"; allowed: a number',
        ),
        (
            "study,treat1,treat2,TE,seTE\na,A,B,1,0\n",
            "row 2, column seTE: found 0; allowed: a standard error",
        ),
        (
            "study,treat1,treat2,TE,seTE\na,A,B,1,1\nb,A,B,1,1e200\n",
            "b, A - B: found the effect 1 with the standard error 1e+200; allowed: effects up to",
        ),
        ("study,treat1,treat2,TE,seTE\na,A,,1,1\n", "row 2, column treat2: found an empty cell"),
        ("study,treat1,treat2,TE,seTE\na,A,B,1,1\nb,C,D,1,1\n", "2 parts"),
        (
            "study,treat1,treat2,TE,seTE\na,A,B,1,1\na,A,C,2,1\na,B,C,2,1\n",
            "a: its contrasts contradict",
        ),
        ("study,mean\na,2\nb,3\n", "no usable columns: found study, mean"),
        ("study,treatment,events,n,sm\na,A,1,5,OR\na,B,1,5,RR\n", "several measures (OR, RR)"),
        ("", "an empty file"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_a_line(tmp_path, capsys, text, message):
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    code, told, err = run(capsys, path)
    assert (code, told) == (1, {})
    assert message in err
    assert "Traceback" not in err


def test_the_text_has_the_table_and_never_exponentiates_a_difference(tmp_path, capsys):
    path = tmp_path / "arms.csv"
    path.write_text(long_text("study,treatment,events,n"), encoding="utf-8")
    assert command_line.main(["network", str(path), "--reference", "b"]) == 0
    out = capsys.readouterr().out
    for text in (
        "v B",
        "Odds ratio",
        "Row minus column",
        "Direct and indirect",
        "Q between designs",
    ):
        assert text in out
    assert command_line.main(["network", str(path), "--measure", "RD"]) == 0
    assert "ratio" not in capsys.readouterr().out.lower()


def test_wrong_use_has_a_code_of_its_own(tmp_path, capsys):
    path = tmp_path / "arms.csv"
    path.write_text(long_text("study,treatment,events,n"), encoding="utf-8")
    assert run(capsys, path, "--measure", "XX")[0] == 2
    assert run(capsys, path, "--reference", "Q")[0] == 1


def test_events_called_what_they_are_are_recognised_by_their_cells(tmp_path, capsys):
    path = tmp_path / "arms.csv"
    path.write_text(long_text("study,treatment,stroke,total"), encoding="utf-8")
    code, told, err = run(capsys, path)
    assert code == 0
    same(told)
    assert "the column stroke is taken for the events" in err


def test_spellings_and_gaps_are_told(tmp_path, capsys):
    lines = (
        long_text("study,treatment,events,n").replace("Anna,B", ",B").replace("Dora,B", "Dora,b")
    )
    path = tmp_path / "arms.csv"
    path.write_text(lines, encoding="utf-8")
    code, told, _ = run(capsys, path)
    assert code == 0
    same(told)
    assert told["warnings"] == [
        "Row 3 has no study: it is taken to go on with Anna.",
        "Spellings of one treatment are taken together: b, B.",
    ]


def test_a_workbook_is_read_from_the_sheet_that_fits(tmp_path, capsys):
    book = openpyxl.Workbook()
    book.active.append(["about", "this file"])
    book.active.append(["made by", "nobody"])
    sheet = book.create_sheet("Data")
    sheet.append(["Study", "Treatment", "Events", "N"])
    for arm in ARMS:
        sheet.append(list(arm))
    book.save(tmp_path / "book.xlsx")
    code, told, _ = run(capsys, tmp_path / "book.xlsx")
    assert code == 0
    same(told)
    code, _, err = run(capsys, tmp_path / "book.xlsx", "--sheet", "Other")
    assert code == 1
    assert "found no sheet 'Other'; allowed: Sheet, Data" in err


def test_a_baseline_arm_without_a_difference_gives_relative_effects(tmp_path, capsys):
    path = tmp_path / "relative.csv"
    path.write_text(
        "study,treatment,diff,std.err\na,A,NA,0.1\na,B,0.3,0.2\na,C,0.4,0.25\nb,A,NA,NA\nb,B,0.5,0.2\n"
    )
    code, told, _ = run(capsys, path)
    assert code == 0
    assert told["direct"]["estimate"]["C"]["B"] == pytest.approx(0.1)
    wanted = 0.25**2 + 0.2**2 - 2 * 0.1**2
    assert told["direct"]["se"]["C"]["B"] ** 2 == pytest.approx(wanted)


def test_a_mean_with_its_standard_error_needs_no_size(tmp_path, capsys):
    path = tmp_path / "means.csv"
    path.write_text("study,treatment,mean,se\na,A,1,0.3\na,B,2,0.4\n")
    code, told, _ = run(capsys, path)
    assert code == 0
    assert told["random"]["estimate"]["B"]["A"] == pytest.approx(1.0)
    assert told["random"]["se"]["B"]["A"] == pytest.approx(0.5)
    assert run(capsys, path, "--measure", "SMD")[0] == 1


def test_rows_of_one_name_with_other_numbers_are_studies_of_their_own(tmp_path, capsys):
    path = tmp_path / "wide.csv"
    path.write_text(
        "author,treat1,event1,n1,treat2,event2,n2\nLee,A,3,20,B,5,20\nLee,A,2,30,C,4,31\nKim,B,4,20,C,6,20\n"
    )
    code, told, _ = run(capsys, path)
    assert code == 0
    assert told["k"] == 3
    assert told["warnings"] == ["Row 3 has other numbers of Lee: taken for another study."]


def test_the_same_names_for_every_arm_are_told_apart(tmp_path, capsys):
    path = tmp_path / "wide.csv"
    path.write_text(wide_text("study,treatment{},events{},n{}"), encoding="utf-8")
    text = path.read_text()
    header = text.splitlines()[0]
    path.write_text(text.replace(header, "study" + ",treatment,events,n" * 3), encoding="utf-8")
    code, told, _ = run(capsys, path)
    assert code == 0
    same(told)


def test_a_treatment_that_loses_its_only_study_and_counts_that_are_not_whole_are_told(
    tmp_path, capsys
):
    path = tmp_path / "arms.csv"
    path.write_text(
        "study,treatment,events,n\na,A,0,50\na,B,0,50\nb,B,4.5,50\nb,C,7,50\nc,B,3,40\nc,C,5,41\n"
    )
    code, told, err = run(capsys, path)
    assert code == 0
    assert told["treatments"] == ["B", "C"]
    assert "Not in the network, since no study is left to compare: A." in told["warnings"]
    assert "counts that are not whole numbers are read as they stand: 4.5 in row 4" in err


SEVERAL = (
    "study,endpoint,treatment,events,n\n"
    "a,stroke,A,3,50\na,stroke,B,6,50\na,death,A,1,50\na,death,B,2,50\n"
    "b,stroke,B,4,40\nb,stroke,C,7,40\nb,death,B,2,40\nb,death,C,2,40\n"
)


def test_several_outcomes_are_asked_for_and_never_added_up(tmp_path, capsys):
    path = tmp_path / "several.csv"
    path.write_text(SEVERAL)
    code, _, err = run(capsys, path)
    assert code == 2
    assert "the column endpoint names 2 outcomes or times" in err
    assert 'stroke (4 rows): --analysis "stroke"' in err
    code, told, _ = run(capsys, path, "--analysis", "Death")
    assert code == 0
    expected = fit_network(
        from_arms(list("aabb"), list("ABBC"), "OR", events=[1, 2, 2, 2], n=[50, 50, 40, 40])
    )
    assert told["random"]["estimate"]["A"]["C"] == pytest.approx(expected.random.estimate[0, 2])
    code, _, err = run(capsys, path, "--analysis", "pain")
    assert code == 1
    assert "found no outcome or time 'pain'; allowed: stroke, death" in err


def test_an_outcome_and_a_time_are_asked_for_one_after_the_other(tmp_path, capsys):
    path = tmp_path / "twice.csv"
    rows = [
        f"{study},{outcome},{weeks},{pair},{effect},0.5"
        for study, pair, effect in (("a", "A,B", 0.2), ("b", "B,C", 0.4))
        for outcome in ("pain", "function")
        for weeks in (4, 52)
    ]
    path.write_text("\n".join(["study,outcome,weeks,treat1,treat2,TE,seTE", *rows]) + "\n")
    code, _, err = run(capsys, path, "--analysis", "pain")
    assert (code, "the column weeks names 2" in err) == (2, True)
    code, told, _ = run(capsys, path, "--analysis", "pain", "--analysis", "52")
    assert (code, told["k"]) == (0, 2)


def test_two_studies_of_one_name_are_asked_about_and_two_doses_are_one_arm(tmp_path, capsys):
    path = tmp_path / "names.csv"
    path.write_text("study,treatment,events,n\na,A,3,20\na,B,5,20\na,A,4,30\na,B,8,30\n")
    code, _, err = run(capsys, path)
    assert code == 1
    assert "each treatment of a has several rows; allowed: one row per arm (give each" in err
    path.write_text("study,treatment,dose,events,n\na,A,,3,20\na,B,10,5,20\na,B,20,4,30\n")
    code, told, _ = run(capsys, path)
    assert (code, told["warnings"][0]) == (0, "a: 2 arms with B are taken together as one.")
