"""A table as studies: what columns, cells and numbers mean, decided, said, asked or refused by cell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from analysis.effects import binary, continuous
from analysis.reading import open_file
from analysis.reading.mapping import Choices, WrongChoice
from analysis.review.opening import studies_of
from analysis.review.studies import Studies

Read = Callable[..., Studies]
COUNTS = "study,ai,n1i,ci,n2i\nAnna,5,20,8,22\nBert,0,30,3,28\n"
TWO = "A,0.62,0.40,0.96\nB,0.80,0.55,1.17\n"


def read(text: str | bytes, measure: str = "", *roles: str, **more: str) -> Studies:
    content = text if isinstance(text, bytes) else text.encode()
    pairs = tuple(tuple(role.split("=", 1)) for role in roles)
    return studies_of(open_file("sheet.csv", content), Choices(measure, pairs, **more)).studies


def faults(studies: Studies) -> list[tuple[int, str]]:
    return [(fault.row, fault.column) for fault in studies.faults]


def test_counts_become_the_effect_of_the_measure_named() -> None:
    found = read(COUNTS, "rr")
    expected = binary.risk_ratio([5, 0], [20, 30], [8, 3], [22, 28])
    np.testing.assert_array_equal(found.yi, expected.yi)
    np.testing.assert_array_equal(found.vi, expected.vi)
    assert (found.labels, found.rows) == (("Anna", "Bert"), (2, 3))
    assert (found.corrected, found.guessed) == (("Bert",), False)


def test_nonevents_stand_in_for_sizes() -> None:
    found = read("study,ai,bi,ci,di\nA,5,15,8,14\n", "OR")
    assert found.yi.tolist() == binary.odds_ratio([5], 20, 8, 22).yi.tolist()


@pytest.mark.parametrize(
    ("header", "row", "measure"),
    [
        ("study,yi,vi", "A,1,1", "GEN"),
        ("study,yi,sei,ai,n1i,ci,n2i", "A,1,1,5,9,5,9", "GEN"),
        ("study,ai,n1i,ci,n2i", "A,1,9,2,9", "OR"),
        ("study,ai,bi,ci,di", "A,1,9,2,9", "OR"),
        ("study,m1i,sd1i,n1i,m2i,sd2i,n2i", "A,1,1,9,1,1,9", "MD"),
        ("study,x1i,t1i,x2i,t2i", "A,1,9,2,9", "IRR"),
        ("study,m1i,sd1i,m2i,sd2i,ni,ri", "A,1,1,2,1,9,0.5", "MC"),
        ("study,xi,ni", "A,1,9", "PLO"),
        ("study,xi,ti", "A,1,9", "IRLN"),
        ("study,mi,sdi,ni", "A,1,1,9", "MN"),
        ("study,ri,ni", "A,0.5,9", "ZCOR"),
    ],
)
def test_the_columns_suggest_a_measure_and_it_is_said(header: str, row: str, measure: str) -> None:
    found = read(f"{header}\n{row}\n")
    assert (found.measure.name, found.guessed) == (measure, True)


@pytest.mark.parametrize(
    ("header", "measure"),
    [
        ("study,or,lower,upper", "OR"),
        ("Study;Odds Ratio;95% CI lower;95% CI upper", "OR"),
        ("Author,RR,RR_lower,RR_upper", "RR"),
        ("trial,hr,lci,uci", "HR"),
        ("Study,Hazard ratio,LL,UL", "HR"),
        ("study,adjusted OR,lcl,ucl", "OR"),
        ("study,IRR,ci.lb,ci.ub", "IRR"),
        ("study,estimate,lower,upper", "RATIO"),
        ("study,ES,conf.low,conf.high", "RATIO"),
    ],
)
def test_ratios_as_printed_are_pooled_as_logarithms(header: str, measure: str) -> None:
    found = read(f"{header}\n{TWO.replace(',', ';') if ';' in header else TWO}")
    assert found.measure.name == measure
    assert np.exp(found.yi) == pytest.approx([0.62, 0.80])
    assert found.vi == pytest.approx([0.04988, 0.03708], abs=1e-5)
    assert any("read as" in line and "ratio" in line for line in found.warnings)


@pytest.mark.parametrize(
    ("header", "measure"),
    [
        ("study,logrr,se", "RR"),
        ("study,lnOR,selnOR", "OR"),
        ("study,log_hr,se_log_hr", "HR"),
        ("study,logOR,SE(logOR)", "OR"),
        ("study,g,se_g", "SMD"),
        ("study,hedges_g,SE", "SMD"),
        ("study,SMD,seSMD", "SMD"),
        ("study,d,se", "SMD"),
        ("study,MD,se", "MD"),
        ("study,mean difference,standard error", "MD"),
        ("study,Fisher z,se", "ZCOR"),
        ("study,TE,seTE", "GEN"),
        ("study,computed effect size,computed standard error", "GEN"),
        ("study,beta,se_beta", "GEN"),
        ("study,z,SE(z)", "ZCOR"),
        ("study,risk difference,se", "RD"),
    ],
)
def test_a_measure_named_in_a_column_is_taken_from_it(header: str, measure: str) -> None:
    found = read(f"{header}\nA,-0.4,0.2\nB,0.1,0.3\n")
    assert (found.measure.name, found.questions, found.faults) == (measure, (), ())
    assert found.yi.tolist() == [-0.4, 0.1]
    assert found.vi == pytest.approx([0.04, 0.09])


@pytest.mark.parametrize(
    "header",
    [
        "study,events_treatment,total_treatment,events_control,total_control",
        "Study,Intervention_Events,Intervention_Total,Control_Events,Control_Total",
        "Study,Intervention_(Events),Intervention_(Total),Control_(Events),Control_(Total)",
        "studlab,event.e,n.e,event.c,n.c",
        "author,R.1,N.1,R.2,N.2",
        "study,events1,total1,events2,total2",
        "study,vaccine_events,vaccine_n,placebo_events,placebo_n",
        "study,aspirin deaths,aspirin total,placebo deaths,placebo total",
        "study,e1,n1,e2,n2",
        "study,xt,nt,xc,nc",
        "study,Experimental cases,Experimental N,Control cases,Control N",
        "study,Events 1,Total 1,Events 2,Total 2",
        "study,events (surgery),n (surgery),events (drugs),n (drugs)",
        "Studie,Ereignisse Behandlung,Gesamt Behandlung,Ereignisse Kontrolle,Gesamt Kontrolle",
        "study,eventsT,nT,eventsC,nC",
        "study,ev_trt,n_trt,ev_ctrl,n_ctrl",
        "study,dead_treated,n_treated,dead_untreated,n_untreated",
    ],
)
def test_counts_are_known_by_many_names(header: str) -> None:
    found = read(f"{header}\nA,5,20,8,22\nB,7,30,9,28\n", "RR")
    assert found.faults == ()
    assert found.yi == pytest.approx(binary.risk_ratio([5, 7], [20, 30], [8, 9], [22, 28]).yi)


@pytest.mark.parametrize(
    "header",
    [
        "study,mean.e,sd.e,n.e,mean.c,sd.c,n.c",
        "study,Mean_Intervention,SD_Intervention,N_Intervention,Mean_Control,SD_Control,N_Control",
        "study,mean_treatment,sd_treatment,n_treatment,mean_control,sd_control,n_control",
        "study,m1,sd1,n1,m2,sd2,n2",
        "study,mean_T,sd_T,n_T,mean_C,sd_C,n_C",
        "Study,Experimental mean,Experimental SD,Experimental N,Control mean,Control SD,Control N",
        "study,exp_mean,exp_sd,exp_n,ctrl_mean,ctrl_sd,ctrl_n",
        "study,Mean 1,SD 1,Total 1,Mean 2,SD 2,Total 2",
        "study,mean,sd,n,mean,sd,n",
        "étude,moyenne traitement,écart type traitement,n traitement,moyenne témoin,écart type témoin,n témoin",
        "study,yoga mean,yoga std dev,yoga sample size,waitlist mean,waitlist std dev,waitlist sample size",
    ],
)
def test_means_are_known_by_many_names(header: str) -> None:
    found = read(f"{header}\nA,3.1,2.0,40,3.9,2.1,41\nB,3.6,2.2,30,4.1,2.0,30\n")
    assert (found.faults, found.questions) == ((), ())
    assert found.measure.name == "MD"
    assert found.yi == pytest.approx([-0.8, -0.5])


def test_an_order_of_columns_that_decides_is_said() -> None:
    found = read("study,red_events,red_n,blue_events,blue_n\nA,5,20,8,22\n", "RR")
    assert found.yi == pytest.approx(binary.risk_ratio([5], [20], [8], [22]).yi)
    assert any("red is taken for the treatment" in line for line in found.warnings)


def test_columns_of_before_treatment_are_left_alone() -> None:
    header = "study,baseline mean_t,baseline mean_c,mean_t,sd_t,n_t,mean_c,sd_c,n_c"
    assert read(f"{header}\nA,8,8,3,2,40,4,2,40\n").yi.tolist() == [-1.0]


@pytest.mark.parametrize("header", ["study,OR,se", "study,RR,SE"])
def test_a_standard_error_beside_a_ratio_is_asked_about(header: str) -> None:
    found = read(f"{header}\nA,0.62,0.2\nB,0.8,0.3\n")
    assert [q.key for q in found.questions] == ["error"]
    flags = [c.typed for c in found.questions[0].choices]
    assert flags == [f"--map sei={header[-2:]}", f"--map se_ratio={header[-2:]}"]
    log = read(f"{header}\nA,0.62,0.2\nB,0.8,0.3\n", "", f"sei={header[-2:]}")
    own = read(f"{header}\nA,0.62,0.2\nB,0.8,0.3\n", "", f"se_ratio={header[-2:]}")
    assert log.vi == pytest.approx([0.04, 0.09])
    assert own.vi == pytest.approx([(0.2 / 0.62) ** 2, (0.3 / 0.8) ** 2])


def test_limits_of_a_ratio_go_before_an_error_that_may_be_of_either_kind() -> None:
    found = read("study,OR,se,lower,upper\nA,0.62,0.14,0.40,0.96\nB,0.80,0.16,0.55,1.17\n")
    assert found.vi == pytest.approx([0.04988, 0.03708], abs=1e-5)


def test_an_error_beside_a_logarithm_to_base_10_is_asked_about() -> None:
    text = "study,log10OR,se\nA,-0.2,0.1\nB,-0.1,0.1\n"
    (question,) = read(text).questions
    assert [c.typed for c in question.choices] == ["--map sei=se", "--map se_log10=se"]
    assert read(text, "", "se_log10=se").vi == pytest.approx([(0.1 * np.log(10)) ** 2] * 2)


def test_quartiles_in_one_cell_of_their_own() -> None:
    found = read("study,median_t,iqr_t,n_t,median_c,iqr_c,n_c\nA,4,2-6,40,5,3-7,42\n")
    assert (found.sources, found.faults) == (("medians",), ())


def test_rows_of_one_id_are_one_study() -> None:
    assert read("id,d,v\n1,0.2,0.04\n1,0.3,0.04\n2,0.5,0.05\n").clusters == ("1", "1", "2")


def test_what_limits_do_not_decide_is_asked() -> None:
    # narrow and printed coarsely: even on both scales within rounding
    found = read("study,effect,lower,upper\nA,1.1,1.0,1.2\nB,1.2,1.1,1.3\n")
    assert [q.key for q in found.questions] == ["scale"]
    assert [c.typed for c in found.questions[0].choices] == [
        "--map ratio=effect",
        "--map yi=effect",
    ]
    assert read(
        "study,effect,lower,upper\nA,1.1,1.0,1.2\nB,1.2,1.1,1.3\n", "", "yi=effect"
    ).yi.tolist() == [1.1, 1.2]


def test_a_logarithm_with_the_limits_of_a_ratio_is_asked_about() -> None:
    assert [q.key for q in read(f"study,logOR,lower,upper\n{TWO}").questions] == ["scale"]


def test_ratios_below_zero_are_logarithms() -> None:
    found = read("study,OR,lower,upper\nA,-0.48,-0.92,-0.04\nB,-0.22,-0.60,0.16\n")
    assert found.yi.tolist() == [-0.48, -0.22]
    assert any("below 0" in line for line in found.warnings)


@pytest.mark.parametrize(
    "word", ["Total", "total (95% CI)", "Subtotal", "Overall", "Pooled", "Summe", "RE Model"]
)
def test_a_row_named_as_a_total_is_left_out(word: str) -> None:
    found = read(f"study,ai,n1i,ci,n2i\nA,5,20,8,22\nB,7,30,9,28\n{word},12,50,17,50\n")
    assert found.labels == ("A", "B")


def test_a_row_of_sums_is_left_out_whatever_its_name() -> None:
    text = "study,ai,n1i,ci,n2i\nA,5,20,8,22\nB,7,30,9,28\nEast,12,50,17,50\nC,1,9,2,9\nD,3,9,2,9\nWest,4,18,4,18\n"
    found = read(text)
    assert found.labels == ("A", "B", "C", "D")
    assert sum("sums of the rows" in line for line in found.warnings) == 2


def test_a_study_that_is_named_after_a_total_stays() -> None:
    assert read("study,yi,vi\nTotal Knee Trial,1,1\nB,2,1\n").labels == ("Total Knee Trial", "B")


def test_groups_in_rows_are_paired_and_the_control_is_the_comparator() -> None:
    text = "study,arm,events,n\nA,placebo,5,58\nA,drug,12,60\nB,drug,20,90\nB,placebo,11,92\n"
    found = read(text, "OR")
    assert found.yi == pytest.approx(binary.odds_ratio([12, 20], [60, 90], [5, 11], [58, 92]).yi)


def test_groups_without_a_control_are_asked_about() -> None:
    text = "study,arm,mean,sd,n\nA,yoga,5,2,58\nA,walking,6,2,60\nB,walking,6,2,90\nB,yoga,4,2,92\n"
    found = read(text)
    assert [q.key for q in found.questions] == ["comparison"]
    chosen = read(text, "", "intervention=yoga", "comparator=walking")
    assert chosen.yi.tolist() == [-1.0, -2.0]


def test_several_outcomes_are_asked_about_and_one_is_chosen() -> None:
    text = "study,outcome,yi,vi\nA,pain,1,1\nA,function,2,1\nB,pain,3,1\nB,function,4,1\n"
    assert [q.key for q in read(text).questions] == ["analysis"]
    assert read(text, analysis="Pain").yi.tolist() == [1, 3]
    assert read(text, cluster="study").clusters == ("A", "A", "B", "B")


@pytest.mark.parametrize(
    ("cells", "mean", "sd"),
    [
        ("4.1 ± 2.1", 4.1, 2.1),
        ("4.1±2.1", 4.1, 2.1),
        ("4.1 (2.1)", 4.1, 2.1),
        ("4.1 +/- 2.1", 4.1, 2.1),
        ("4.1 [2.1]", 4.1, 2.1),
    ],
)
def test_a_mean_with_its_sd_in_one_cell(cells: str, mean: float, sd: float) -> None:
    found = read(f"study,mean1,n1,mean2,n2\nA,{cells},40,5 (2),42\n")
    assert found.records[0].v["m1i"] == mean
    assert found.records[0].v["sd1i"] == sd


def test_events_of_sizes_in_one_cell() -> None:
    found = read("study,treatment,control\nA,5/20,8/22\nB,7 of 30,9 of 28\n", "RR")
    assert found.yi == pytest.approx(binary.risk_ratio([5, 7], [20, 30], [8, 9], [22, 28]).yi)


def test_counts_with_their_percentage_must_agree() -> None:
    assert read("study,xi,ni\nA,12 (30%),40\n").faults == ()
    assert faults(read("study,xi,ni\nA,12 (50%),40\n")) == [(2, "xi")]


def test_an_estimate_with_its_interval_in_one_cell() -> None:
    found = read("study;OR (95% CI)\nA;0.62 (0.40 to 0.96)\nB;0.80 [0.55-1.17]\n")
    assert found.measure.name == "OR"
    assert np.exp(found.yi) == pytest.approx([0.62, 0.80])


def test_limits_that_cross_in_every_row_are_turned() -> None:
    found = read("study,yi,lower,upper\nA,1,2,0\nB,2,4,0\n")
    assert found.faults == ()
    assert found.vi == pytest.approx([(2 / 3.919928) ** 2, (4 / 3.919928) ** 2], rel=1e-6)


@pytest.mark.parametrize(("name", "level"), [("90% CI", 1.644854), ("99% ci", 2.575829)])
def test_the_level_of_limits_is_taken_from_their_name(name: str, level: float) -> None:
    found = read(f"study,MD,{name} lower,{name} upper\nA,-0.5,-0.83,-0.17\nB,-0.3,-0.63,0.03\n")
    assert found.vi == pytest.approx([(0.66 / (2 * level)) ** 2] * 2, rel=1e-5)


def test_medians_with_quartiles_in_one_cell_are_converted_and_said() -> None:
    found = read("study,n1,median1 (IQR),n2,median2 (IQR)\nA,40,4 (2-6),42,5 (3-7)\n")
    assert found.sources == ("medians",)
    assert any("converted from medians" in line for line in found.warnings)


def test_a_measure_that_reproduces_the_effects_is_recognised() -> None:
    ratios = binary.risk_ratio([5, 7], [20, 30], [8, 9], [22, 28])
    rows = "".join(
        f"{name},{a},{n},{c},{m},{y:.4f},{v:.4f}\n"
        for name, a, n, c, m, y, v in zip(
            "AB", (5, 7), (20, 30), (8, 9), (22, 28), ratios.yi, ratios.vi, strict=True
        )
    )
    found = read(f"study,ai,n1i,ci,n2i,yi,vi\n{rows}")
    assert found.measure.name == "RR"


@pytest.mark.parametrize(
    "text",
    [
        "Study;YI;Vi\nA;0,25;0,04\nB;-1,5;1,234\n",
        "study\tyi\tvi\r\nA\t0.25\t.04\r\nB\t-1.5\t1.234\r\n",
        "sep=;\nstudy;yi;vi\nA;0,25;0,04\nB;\N{MINUS SIGN}1,5;1,234\n",
        '\N{BYTE ORDER MARK}study,yi,vi\n"A","0.25","4e-2"\n\n"B","-1.5"," 1.234 "\n',
        'study,yi,vi\nA,"0,25","0,04"\nB,"-1,5","1,234"\n',
        "study|yi|vi\nA|0.25|0.04\nB|-1.5|1.234\n",
    ],
    ids=["semicolon", "tab", "sep line", "mark, quotes, blank line", "quoted commas", "bars"],
)
def test_separators_marks_and_decimal_commas_are_read_alike(text: str) -> None:
    found = read(text)
    assert (found.faults, found.labels) == ((), ("A", "B"))
    assert (found.yi.tolist(), found.vi.tolist()) == ([0.25, -1.5], [0.04, 1.234])


@pytest.mark.parametrize(
    ("cell", "size"),
    [("1,234", 1234), ("1.234", 1234), ("1 234", 1234), ("1'234", 1234), ("12.345", 12345)],
)
def test_marks_of_thousands_in_a_size_are_never_decimals(cell: str, size: int) -> None:
    assert read(f"study;xi;ni\nA;5;{cell}\nB;6;50\n").records[0].v["ni"] == size


def test_a_mark_that_nothing_decides_is_a_fault() -> None:
    found = read("study;yi;vi\nA;1,234;1\nB;2;1\n")
    assert faults(found) == [(2, "yi")]
    assert "1234 without a mark, or 1.234" in found.faults[0].allowed


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("study,ai,n1i,ci,n2i\nA,21,20,1,20\n", (2, "ai")),
        ("study,ai,n1i,ci,n2i\nA,1,20,30,20\n", (2, "ci")),
        ("study,ai,n1i,ci,n2i\nA,-1,20,1,20\n", (2, "ai")),
        ("study,ai,n1i,ci,n2i\nA,1,0,1,20\n", (2, "n1i")),
        ("study,ai,n1i,ci,n2i\nA,1,20.5,1,20\n", (2, "n1i")),
        ("study,ai,bi,ci,di\nA,0,0,1,20\n", (2, "ai")),
        ("study,ai,bi,n1i,ci,n2i\nA,5,15,21,1,20\n", (2, "bi")),
        ("study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,1,-1,9,1,1,9\n", (2, "sd1i")),
        ("study,xi,ni\nA,9,8\n", (2, "xi")),
        ("study,xi,ti\nA,9,0\n", (2, "ti")),
        ("study,ri,ni\nA,1.5,20\n", (2, "ri")),
        ("study,yi,vi\nA,1,0\n", (2, "vi")),
        ("study,yi,sei\nA,1,-0.1\n", (2, "sei")),
        ("study,yi,vi,sei\nA,1,0.3,0.3\n", (2, "vi")),
        ("study,yi,vi\nA,high,1\nB,1,1\n", (2, "yi")),
        ("study,yi,vi\nA,1e999,1\nB,1,1\n", (2, "yi")),
        ("study,yi,vi\nA,1_0,1\nB,1,1\n", (2, "yi")),
        ("study,or,lower,upper\nA,0.00,0.20,0.40\nB,1.00,0.50,2.00\n", (2, "or")),
    ],
)
def test_each_fault_is_named_by_row_and_column(text: str, fault: tuple[int, str]) -> None:
    assert faults(read(text)) == [fault]


@pytest.mark.parametrize(
    "empty", ["", "NA", "n/a", ".", "-", "\N{EN DASH}", "NaN", "NR", "#N/A", "not reported"]
)
def test_an_incomplete_row_is_left_out_by_name(empty: str) -> None:
    found = read(f"study,yi,vi\nA,1,{empty}\nB,2,1\n")
    assert [(row.row, row.label) for row in found.left_out] == [(2, "A")]
    assert (found.labels, found.faults) == (("B",), ())


def test_a_study_without_the_measure_is_left_out_with_the_reason() -> None:
    found = read("study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,-1,1,9,1,1,9\nB,2,1,9,1,1,9\n", "ROM")
    assert found.yi == pytest.approx(continuous.rom([2], 1, 9, 1, 1, 9).yi)
    assert "opposite signs" in found.left_out[0].reason


@pytest.mark.parametrize(
    "more", ["ai,n1i,ci,n2i\nA,1,1,30,20,1,20\n", "ci,di\nA,1,1,see text,x y\n"]
)
def test_columns_that_are_not_needed_are_not_judged(more: str) -> None:
    found = read(f"study,yi,vi,{more}")
    assert (found.faults, found.yi.tolist()) == ((), [1.0])


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("trial,author,year,yi,vi\n1,Aronson,1948,1,1\n", ("Aronson 1948",)),
        ("slab,study,yi,vi\nX 2001,Y,1,1\n", ("X 2001",)),
        ("study,year,yi,vi\nX (2001),2001,1,1\n", ("X (2001)",)),
        ("study,yi,vi\n7,1,1\n", ("7",)),
        ("study,alloc,yi,vi\n1,low,1,1\n2,high,2,1\n", ("1", "2")),
    ],
)
def test_labels_are_the_names_that_the_table_gives(text: str, labels: tuple[str, ...]) -> None:
    assert read(text).labels == labels


def test_sizes_are_kept_for_the_back_transformation() -> None:
    assert read("study,xi,ni\nA,1,9\nB,2,12\n", "PFT").sizes.tolist() == [9, 12]
    assert read("study,yi,vi\nA,1,1\n", "PFT").sizes is None


def test_a_column_by_hand_wins_and_an_unknown_one_is_listed() -> None:
    found = read("study,u,w\nA,1,2\nB,3,4\n", "", "yi=u", "vi=w")
    assert (found.yi.tolist(), found.vi.tolist()) == ([1, 3], [2, 4])
    with pytest.raises(WrongChoice, match="no such column; the file has study, u, w"):
        read("study,u,w\nA,1,2\n", "", "yi=z")


def test_years_before_our_topic_and_unknown_designs_are_nobodys_business() -> None:
    text = "study,year,design,control,yi,vi\nA,1931,Parallel,WLC,1,1\nB,1978,Cross-over,none,2,1\n"
    assert read(text).labels == ("A 1931", "B 1978")
