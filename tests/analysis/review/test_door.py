"""Files as people bring them: each gives the right value or asks the right question, at the command line.

Right values by R's metafor 3.8 on the numbers as a reader of the file understands them (REML, Wald intervals
unless the case says otherwise), to the three decimals that the list of cases states; on the scale that a reader
knows. The files are synthetic; `tests/door/` holds them.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from plotly.utils import PlotlyJSONEncoder

from analysis import __main__ as command_line
from analysis.reading import open_file
from analysis.review.fitted import Options
from analysis.review.opening import studies_of
from analysis.synthesis.told import told
from dashboard.components import own_file, own_review

FILES = Path(__file__).parents[2] / "door"
WALD = ("--tau2", "REML", "--ci", "wald")

RIGHT = [
    # file, options, estimate, low, high, k, what is said
    ("a01_double_zero.csv", WALD, 1.400, 0.513, 3.815, 5, "0.5 was added"),
    (
        "a02_fractional_counts.csv",
        ("--measure", "PETO", *WALD),
        1.202,
        0.720,
        2.007,
        3,
        "not whole",
    ),
    ("a03_mixed_rows.csv", WALD, -0.454, -0.715, -0.193, 4, "all read as MD"),
    ("a05_large_n_smd.csv", ("--measure", "SMD", *WALD), -1.547, -4.525, 1.432, 3, "beyond 2"),
    ("a06_se_column_z.csv", WALD, 0.2451, 0.0069, 0.457, 5, "Fisher's z"),
    (
        "a09_dl.csv",
        ("--tau2", "DL", "--ci", "wald"),
        1.6424,
        -0.2122,
        3.4971,
        8,
        "no measure is named",
    ),
    ("a11_freeman_tukey.csv", WALD, 5.7e-4, 2e-5, 0.016, 5, "suggest PLO"),
    ("a11_freeman_tukey.csv", ("--model", "glmm"), 1.7e-4, 8e-6, 0.003, 5, "suggest PLO"),
    ("a11_freeman_tukey.csv", ("--measure", "PFT", *WALD), 0, 0, 0, 5, "misleads"),
    ("a13_r_edge.csv", WALD, 0.276, 0.055, 0.471, 2, "row 2 (A) left out"),
    ("a13b_r_ok.csv", WALD, 0.298, 0.114, 0.461, 3, ""),
    ("a14_two.csv", WALD, 0.373, 0.137, 1.012, 2, "suggest OR"),
    ("a17a_comma_three.csv", WALD, 0.231, -0.771, 1.233, 3, ""),
    (
        "a17f_point_thousands_means_xlsx_like.csv",
        WALD,
        -0.657,
        -1.147,
        -0.167,
        2,
        "1.234 read as 1234",
    ),
    ("a19_six.csv", ("--tau2", "DL", "--ci", "wald"), 0.3568, 0.1678, 0.5458, 6, ""),
    ("a21b_estimate_ci.csv", WALD, 0.673, 0.520, 0.871, 3, "read as ratios as reported"),
    (
        "a21b_estimate_ci.csv",
        ("--ci", "hksj-adhoc"),
        0.673,
        0.382,
        1.185,
        3,
        "read as ratios as reported",
    ),
    ("a21c_logrr_se.csv", WALD, 0.676, 0.525, 0.872, 3, "measure RR"),
    (
        "a21d_metafor_summary.csv",
        ("--measure", "OR", *WALD),
        0.673,
        0.520,
        0.871,
        3,
        "as they stand",
    ),
    ("a22_median_iqr.csv", WALD, -0.679, -1.475, 0.117, 2, "converted from medians"),
    ("a26_missing_sd.csv", WALD, -0.565, -1.162, 0.032, 2, "read as missing: “NR”"),
    ("a40_asymmetric_limits.csv", ("--measure", "RR", *WALD), 0.657, 0.221, 1.954, 2, "evenly"),
    ("a41_numeric_names.csv", WALD, -0.7845, -1.0271, -0.5418, 12, ""),
    ("a64_dependent.csv", (), 0.625, 0.404, 0.846, 8, "effects of one study are not independent"),
    ("a_mean_pm_sd.csv", WALD, -0.845, -1.438, -0.251, 2, "is read as the SD"),
    ("a_nonevent_confusion.csv", ("--measure", "RR", *WALD), 0.759, 0.445, 1.293, 2, ""),
    ("a_se_as_sd.csv", WALD, -0.8004, -0.8568, -0.7440, 3, "a standard error typed as SD?"),
    ("b01_total_row.csv", WALD, 0.620, 0.446, 0.862, 4, "is a total, not a study"),
    ("b03_revman_web_data_rows.csv", ("--analysis", "1.1", *WALD), 0.682, 0.476, 0.979, 2, "1.1"),
    (
        "b03_revman_web_data_rows.csv",
        ("--analysis", "1.1", "--measure", "OR", *WALD),
        0.631,
        0.411,
        0.970,
        2,
        "1.1",
    ),
    ("b04_small.rm5", ("--analysis", "1.1", *WALD), 0.682, 0.476, 0.979, 2, "1.1 New fracture"),
    ("b05_smd_as_yi.csv", ("--measure", "SMD", *WALD), -0.42, -0.66, -0.19, 3, ""),
    ("b06_old_years.csv", WALD, -0.693, -1.443, 0.058, 3, ""),
    ("b07_control_first.csv", WALD, -1.338, -2.219, -0.456, 2, ""),
    ("b08_design_column.csv", WALD, -0.676, -1.360, 0.008, 2, ""),
    ("b09_latin1.csv", WALD, -0.676, -1.360, 0.008, 2, "Müller"),
    ("b10_tab_macroman.txt", WALD, -0.676, -1.360, 0.008, 2, "Müller"),
    ("b11_utf16_tab.txt", WALD, -0.676, -1.360, 0.008, 2, ""),
    ("b12_title_row.csv", WALD, -0.676, -1.360, 0.008, 2, "above the header"),
    ("b13_two_header_rows.csv", WALD, -0.676, -1.360, 0.008, 2, "together as the header"),
    ("b14_comment_rows.csv", WALD, 0.373, 0.137, 1.012, 2, "are notes, not used"),
    ("b15_zero_sd.csv", WALD, -0.623, -1.283, 0.038, 2, "sd1i is 0"),
    ("b19_pvalue_vi_text.csv", WALD, -0.367, -0.659, -0.075, 2, "a bound is no value"),
    ("b21_level90.csv", ("--map", "level=90", *WALD), -0.400, -0.678, -0.122, 2, ""),
    ("b23_negative_variance_excel.csv", WALD, -0.291, -0.615, 0.033, 2, "#DIV/0!"),
    ("b24_trailing_commas.csv", WALD, 0.373, 0.137, 1.012, 2, ""),
    ("b28_sd_comma_quoted.csv", WALD, -0.676, -1.360, 0.008, 2, ""),
    ("b30_ci_text_yi.csv", ("--measure", "OR", *WALD), 0.372, 0.137, 1.014, 2, ""),
    ("c01_long_note.xlsx", WALD, -0.676, -1.360, 0.008, 2, ""),
    ("c02_second_sheet.xlsx", WALD, -0.676, -1.360, 0.008, 2, "sheet Data is read"),
    ("c07_text_decimal_comma_mixed.xlsx", WALD, -0.676, -1.360, 0.008, 2, ""),
    ("c09_hidden_row.xlsx", WALD, -1.797, -4.018, 0.424, 3, "hidden in the sheet"),
    ("d02_rounded_vi.csv", WALD, 0.157, 0.009, 0.306, 3, "only within rounding"),
    ("d03_arm_rows.csv", WALD, 2.28, 1.19, 4.36, 2, "nicotine compared with placebo"),
]
REFUSED = [
    # file, options, exit code, what is said
    ("a08_zero_variance.csv", (), 1, "row 2, column vi: found 0"),
    ("a16_means_as_events.csv", (), 1, "found 48.4; allowed: at most n1i = 32"),
    ("a_dates.csv", (), 1, "has made a date of it"),
    ("a_percent.csv", (), 1, "type the count"),
    ("b17_percent_in_counts.csv", (), 1, "type the count"),
    ("b20_se_lower_upper_swapped.csv", (), 1, "a lower limit below the upper one"),
    ("c04_dates.xlsx", (), 1, "has made a date of it"),
    ("c05_formula_uncached.xlsx", (), 1, "formula"),
    ("c06_percent_format.xlsx", (), 1, "type the count"),
    ("b03_revman_web_data_rows.csv", (), 2, "1.2 Death (RR, 2 rows): --analysis 1.2"),
    ("b04_small.rm5", (), 2, "holds 2 analyses: which one?"),
    ("b08_design_column.csv", ("--map", "yi=nowhere"), 2, "no such column; the file has study"),
    ("b08_design_column.csv", ("--map", "sizes=n1i"), 2, "no such role"),
]


def pooled(capsys, name: str, options: tuple[str, ...]) -> tuple[int, dict, str]:
    chosen = command_line.parser().parse_args(["pool", str(FILES / name), *options, "--json"])
    code = chosen.run(chosen)
    captured = capsys.readouterr()
    return code, json.loads(captured.out) if captured.out else {}, captured.err


@pytest.mark.parametrize(("name", "options", "estimate", "low", "high", "k", "said"), RIGHT)
def test_a_file_gives_its_right_value(capsys, name, options, estimate, low, high, k, said) -> None:
    code, found, remarks = pooled(capsys, name, options)
    assert code == 0, remarks
    back = found["back_transformed"] or found
    # half a unit of the last place stated, which is the third decimal or the second figure
    for value, right in zip(
        (back["estimate"], back["ci_low"], back["ci_high"]), (estimate, low, high), strict=True
    ):
        places = max(len(str(right).partition(".")[2]), 2) if "e" not in str(right) else 6
        assert value == pytest.approx(
            right, abs=0.6 * 10.0**-places, rel=0.05 if abs(right) < 0.02 else 0
        )
    assert found["k"] == k
    assert said in remarks


@pytest.mark.parametrize(("name", "options", "code", "said"), REFUSED)
def test_a_file_that_cannot_be_read_says_what_to_do(capsys, name, options, code, said) -> None:
    done, found, remarks = pooled(capsys, name, options)
    assert (done, found) == (code, {})
    assert said in remarks


@pytest.mark.parametrize("name", sorted({case[0] for case in RIGHT}))
def test_the_page_reads_a_file_as_the_command_does(capsys, name) -> None:
    """Bytes as a browser sends them, through the functions behind the page."""
    sent = "data:;base64," + base64.b64encode((FILES / name).read_bytes()).decode()
    brought = own_file.brought([sent], [name])
    choices, _ = own_review.choices_from(None, "", {})
    here = studies_of(brought.opened, choices)
    shown = own_review.result_panel(here)
    code, found, _ = pooled(capsys, name, ())
    if code:
        assert [q.key for q in here.studies.questions] == ["analysis"]
        return
    assert here.studies.yi.tolist() == found["yi"]
    assert here.studies.vi.tolist() == found["vi"]
    printed = found["back_transformed"] or found
    estimate = json.dumps(own_review.number(printed["estimate"])).strip('"')
    assert estimate in json.dumps(shown, cls=PlotlyJSONEncoder)


@pytest.mark.parametrize(
    ("lines", "options"),
    [
        (("Study,Year,eventT,nT,eventC,nC", "Alm 2001,2001,12,120,20,118", "Bey 2004,2004,30,200,41,198"), ()),
        (("Studie;Ereignisse Behandlung;Gesamt Behandlung;Ereignisse Kontrolle;Gesamt Kontrolle",
          "Alm 2001;12;120;20;118", "Bey 2004;30;200;41;198"), ()),
        (("study,arm,events,total", "Alm 2001,cement,12,120", "Alm 2001,sham,20,118",
          "Bey 2004,cement,30,200", "Bey 2004,sham,41,198"), ()),
        (("study\tcement\tsham", "Alm 2001\t12/120\t20/118", "Bey 2004\t30/200\t41/198"),
         ("--map", "group1=cement")),
    ],
)  # fmt: skip
def test_the_same_review_in_other_dress_gives_the_same_answer(
    capsys, tmp_path, lines, options
) -> None:
    file = tmp_path / "review.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    _, there, _ = pooled(capsys, "b04_small.rm5", ("--analysis", "1.1", *WALD))
    chosen = command_line.parser().parse_args(
        ["pool", str(file), "--measure", "RR", *WALD, *options, "--json"]
    )
    assert chosen.run(chosen) == 0
    here = json.loads(capsys.readouterr().out)
    assert (here["yi"], here["vi"]) == (pytest.approx(there["yi"]), pytest.approx(there["vi"]))
    assert here["estimate"] == pytest.approx(there["estimate"])


def test_several_effects_per_study_are_never_pooled_as_independent_alone(capsys) -> None:
    _, found, _ = pooled(capsys, "a64_dependent.csv", ())
    assert (found["model"], found["k_clusters"]) == ("three-level", 4)
    robust = found["others"][0]
    assert robust["model"] == "cluster-robust"
    assert (robust["ci_low"], robust["ci_high"]) == (
        pytest.approx(0.266, abs=5e-4),
        pytest.approx(0.984, abs=5e-4),
    )
    assert found["others"][-1]["model"] == "independent"
    assert any("not independent" in line for line in found["warnings"])


BY_R = [
    # file, options, name of the model, estimate, limits: printed by the line of R that stands beside it (metafor 3.8)
    ("a64_dependent.csv", (), "three-level", 0.6250014, 0.4037936, 0.8462092),
    ("a64_dependent.csv", (), "cluster-robust", 0.6250014, 0.2661067, 0.983896),
    ("a64_dependent.csv", (), "independent", 0.606041, 0.4124018, 0.7996803),
    ("a19_six.csv", (), "random", 0.3572295, 0.1114695, 0.6029896),
    ("a19_six.csv", (), "common", 0.3935425, 0.2645441, 0.5225409),
    (
        "a19_six.csv",
        ("--level", "0.9", "--tau2", "DL", "--ci", "hksj"),
        "random",
        0.3568131,
        0.1825857,
        0.5310405,
    ),
    ("a01_double_zero.csv", ("--model", "mh"), "mh", 0.3619408, -0.6284602, 1.352342),
    ("a01_double_zero.csv", ("--model", "peto"), "peto", 0.3592144, -0.6168482, 1.335277),
    (
        "a02_fractional_counts.csv",
        ("--model", "mh", "--measure", "RR"),
        "mh",
        0.1476417,
        -0.2620157,
        0.5572992,
    ),
    ("a41_numeric_names.csv", ("--mods", "year"), "regression", 2.623317, -53.73802, 58.98466),
    ("a19_six.csv", ("--model", "permutation"), "permutation", 0.3572295, 0.1698475, 0.5446116),
]


@pytest.mark.parametrize(("name", "options", "model", "estimate", "low", "high"), BY_R)
def test_a_model_gives_what_its_line_of_r_gives(
    capsys, name, options, model, estimate, low, high
) -> None:
    _, found, _ = pooled(capsys, name, options)
    one = next(m for m in (found, *found["others"]) if m["model"] == model)
    assert one["r"].startswith(("rma", "robust", "permutest"))
    assert found["r_data"].startswith("library(metafor); dat <- data.frame(")
    # seven figures of R, and its search for tau2 stops at 1e-5
    assert (one["estimate"], one["ci_low"], one["ci_high"]) == pytest.approx(
        (estimate, low, high), rel=2e-5, abs=2e-5
    )


def test_names_of_numbers_stay_the_names(capsys) -> None:
    _, found, _ = pooled(capsys, "a41_numeric_names.csv", ())
    assert found["studies"][:3] == ["1", "10", "11"]


def test_the_default_is_the_rule_for_few_studies(capsys) -> None:
    _, two, _ = pooled(capsys, "a14_two.csv", ())
    _, three, _ = pooled(capsys, "b06_old_years.csv", ())
    _, six, _ = pooled(capsys, "a19_six.csv", ())
    for found in (two, three, six):
        expected = told(found["yi"], found["vi"])
        assert found["model"] == expected.model
        assert {n: found[n] for n in expected.result.to_dict()} == expected.result.to_dict()


def test_the_level_of_limits_can_be_chosen_on_the_page() -> None:
    choices, options = own_review.choices_from(
        None, "", {"level": "90", "measure": "MD", "model": "x"}
    )
    assert (choices.roles, choices.measure, options) == ((("level", "90"),), "MD", Options())
    opened = open_file("b21.csv", (FILES / "b21_level90.csv").read_bytes())
    assert studies_of(opened, choices).studies.vi == pytest.approx(
        [(0.66 / 3.289707) ** 2] * 2, rel=1e-5
    )


def test_answers_hold_for_the_file_that_was_asked_about() -> None:
    kept = {"mark": "one", "options": [["analysis", "1.1"], ["map", "ratio=OR"]]}
    choices, _ = own_review.choices_from(kept, "one", {})
    assert (choices.analysis, choices.roles) == ("1.1", (("ratio", "OR"),))
    assert own_review.choices_from(kept, "other", {})[0].analysis == ""


def test_a_lost_decimal_mark_and_percentages_as_events_are_said(capsys):
    """Nothing in these files tells for sure, so both are read, and the doubt stands beside the result."""
    assert command_line.main(["pool", str(FILES / "a17e_lost_decimal.csv")]) == 0
    assert "m2i of A has no decimals" in capsys.readouterr().err
    assert command_line.main(["pool", str(FILES / "b18_percent_as_events.csv")]) == 0
    assert "78.5 (C) (percentages? then type the % sign)" in capsys.readouterr().err
