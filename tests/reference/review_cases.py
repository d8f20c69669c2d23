"""Tables as people bring them, models and options, for the lines of R that are printed beside each result.

`python -m tests.reference.review_cases` runs those lines with Rscript and writes what they give to
`metafor_review_models.json`: for each case, for each line in the order shown, rows of estimate, limits and P.
R's searches stop at 1e-5; here they are told to go on, or nothing could be compared to 1e-6.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from analysis.reading import open_file
from analysis.reading.mapping import Choices
from analysis.review.fitted import Fit, Options
from analysis.review.models import fit
from analysis.review.opening import studies_of

VALUES = Path(__file__).with_name("metafor_review_models.json")

BCG = """trial,tpos,n1i,cpos,n2i,ablat,alloc,year
Aronson 1948,4,123,11,139,44,random,1948
Ferguson 1949,6,306,29,303,55,random,1949
Rosenthal 1960,3,231,11,220,42,random,1960
Hart 1977,62,13598,248,12867,52,random,1977
Frimodt-Moller 1973,33,5069,47,5808,13,alternate,1973
Stein 1953,180,1541,372,1451,44,alternate,1953
Vandiviere 1973,8,2545,10,629,19,random,1973
TPT Madras 1980,505,88391,499,88391,13,random,1980
Coetzee 1968,29,7499,45,7277,27,random,1968
Rosenthal 1961,17,1716,65,1665,42,systematic,1961
Comstock 1974,186,50634,141,27338,18,systematic,1974
Comstock 1969,5,2498,3,2341,33,systematic,1969
Comstock 1976,27,16913,29,17854,33,systematic,1976
""".replace("tpos", "ai").replace("cpos", "ci")
EFFECTS = """study;yi;vi;dose;arm size;kind;risk of bias
A;-0,31;0,053;1;40;x;low
B;0,41;0,063;2,5;44;x;low
C;0,58;0,026;3;80;y;high
D;0,12;0,087;NR;30;y;low
E;-0,13;0,042;4,2;60;z;low
F;0,31;0,106;5;25;z;high
G;0,28;0,040;6,1;62;x;high
H;0,86;0,072;8;41;y;low
I;0,60;0,054;9,5;50;z;high
"""
SEVERAL = """study,g,vi,age,type
D1,-0.60,0.04,20,x
D1,0.68,0.09,25,x
D1,0.60,0.03,30,y
D2,-0.26,0.04,36,y
D2,0.42,0.06,21,x
D2,0.01,0.09,26,x
D3,0.70,0.10,32,y
D3,-0.41,0.08,37,y
D4,0.34,0.04,22,x
D4,0.68,0.06,27,x
D5,0.86,0.08,33,y
D5,-0.46,0.02,38,y
D6,0.20,0.07,23,x
D6,0.53,0.05,28,y
"""
ZEROS = "study,ai,n1i,ci,n2i\nA,0,20,0,22\nB,3,50,5,48\nC,0,40,2,41\nD,10,90,14,88\nE,0,15,0,15\n"
MEANS = """study,m1i,sd1i,n1i,m2i,sd2i,n2i,site
A,3.1,2.0,40,4.2,2.1,42,north
B,2.6,1.8,61,3.4,1.9,58,south
C,4.0,2.4,33,4.1,2.2,35,north
D,3.3,1.1,75,4.9,1.3,70,south
E,2.2,2.0,28,3.9,2.5,30,north
"""
MEDIANS = """study,median1,q1_1,q3_1,n1,median2,q1_2,q3_2,n2
A,3,2,5,40,4,2,6,41
B,2.5,1,4,60,3.5,2,5,58
C,3.2,2,4.8,35,4.1,3,6,33
"""
SHARES = "study,xi,ni\nA,3,40\nB,0,25\nC,7,60\nD,1,33\nE,12,80\n"
RATES = "study,x1i,t1i,x2i,t2i\nA,4,120.5,9,118\nB,1,60,3,61.5\nC,7,300,12,290\nD,2,80,2,85\n"
RATE = "study,xi,ti\nA,4,120.5\nB,9,118\nC,7,300\nD,2,80\n"
CORRELATIONS = "study,ri,ni\nA,.3,40\nB,.45,60\nC,.1,30\nD,.6,25\n"


class Case(NamedTuple):
    table: str
    options: Options = Options()
    measure: str = ""
    mods: tuple[str, ...] = ()
    cluster: str = ""


ESTIMATORS = ("DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM", "PMM", "EE")


def _wald(tau2: str = "REML", level: float = 0.95) -> Options:
    return Options(tau2, "wald", level)


CASES: dict[str, Case] = {
    **{f"effects {t}": Case(EFFECTS, _wald(t)) for t in ESTIMATORS},
    "hksj, 90%": Case(EFFECTS, Options("REML", "hksj", 0.9)),
    "hksj-adhoc, 90%": Case(EFFECTS, Options("DL", "hksj-adhoc", 0.9)),
    **{f"BCG {m}": Case(BCG, _wald(), m) for m in ("OR", "RR", "RD", "AS", "PETO")},
    **{f"Mantel-Haenszel {m}": Case(BCG, Options(model="mh"), m) for m in ("OR", "RR", "RD")},
    "Mantel-Haenszel, 90%": Case(BCG, Options(model="mh", level=0.9), "RR"),
    "Peto": Case(BCG, Options(model="peto"), "OR"),
    "Peto, 90%": Case(BCG, Options(model="peto", level=0.9), "OR"),
    **{f"zeros, Mantel-Haenszel {m}": Case(ZEROS, Options(model="mh"), m) for m in ("OR", "RR", "RD")},
    "zeros, Peto": Case(ZEROS, Options(model="peto"), "OR"),
    "zeros, inverse variance": Case(ZEROS, _wald(), "RR"),
    **{f"means {m}": Case(MEANS, _wald(), m) for m in ("MD", "SMD", "SMDH", "ROM", "CVR", "VR")},
    "medians": Case(MEDIANS, _wald()),
    **{f"proportions {m}": Case(SHARES, _wald(), m) for m in ("PR", "PLN", "PLO", "PAS", "PFT")},
    **{f"rates {m}": Case(RATES, _wald(), m) for m in ("IRR", "IRD", "IRSD")},
    **{f"rates, Mantel-Haenszel {m}": Case(RATES, Options(model="mh"), m) for m in ("IRR", "IRD")},
    **{f"a rate {m}": Case(RATE, _wald(), m) for m in ("IR", "IRLN", "IRS", "IRFT")},
    **{f"correlations {m}": Case(CORRELATIONS, _wald(), m) for m in ("COR", "ZCOR")},
    "a number explains": Case(BCG, _wald(), "RR", ("ablat",)),
    "a number explains, common effect": Case(BCG, Options("EE"), "RR", ("ablat",)),
    "a number explains, HKSJ, 90%": Case(BCG, Options(ci="hksj", level=0.9), "RR", ("ablat",)),
    "words explain": Case(BCG, Options(), "RR", ("alloc",)),
    "three columns explain": Case(BCG, _wald(), "RR", ("ablat", "alloc", "year")),
    "a number is missing": Case(EFFECTS, _wald(), "", ("dose",)),
    "two columns of words": Case(EFFECTS, _wald(), "", ("kind", "risk of bias")),
    "numbers as groups": Case(EFFECTS.replace("40;x", "1;x").replace("44;", "1;").replace(";30;", ";1;")
        .replace("41;y", "2;y").replace(";50;", ";2;").replace(";60;", ";2;").replace(";62;", ";2;")
        .replace(";25;", ";1;").replace(";80;", ";1;"), _wald(), "", ("factor(arm size)",)),
    "several effects": Case(SEVERAL),
    "several effects, 90%": Case(SEVERAL, Options(level=0.9)),
    "several effects, a number explains": Case(SEVERAL, Options(), "", ("age",)),
    "several effects, words and a number, 90%": Case(SEVERAL, Options(level=0.9), "", ("age", "type")),
    "clusters": Case(EFFECTS, Options(), "", (), "kind"),
    "selection": Case(BCG, Options(model="selection"), "RR"),
    "selection, 90%": Case(BCG, Options(model="selection", level=0.9), "RR"),
    "permutation": Case(EFFECTS, Options(model="permutation")),
    "permutation, HKSJ, 90%": Case(EFFECTS, Options("DL", "hksj", 0.9, "permutation")),
    "one study": Case(BCG[: BCG.index("Ferguson")], _wald(), "OR"),
    "one study, Mantel-Haenszel": Case(BCG[: BCG.index("Ferguson")], Options(model="mh"), "OR"),
    "two studies": Case(BCG[: BCG.index("Rosenthal")], _wald(), "OR"),
    "identical effects": Case("study,yi,vi\n" + "".join(f"E{i},0.5,0.04\n" for i in range(5)), _wald()),
    "five hundred": Case("study,yi,vi,x\n" + "".join(
        f"H{i},{0.2 + 0.3 * ((37 * i) % 101 - 50) / 50:.4f},{0.02 + 0.001 * ((53 * i) % 97):.4f},{(29 * i) % 89}\n"
        for i in range(500)), _wald(), "", ("x",)),
    # metafor repeats the step of DLIT, which does not settle here.
    "effects DLIT": Case("study,yi,vi\nA,0,0.09\nB,1.5,0.8\n", _wald("DLIT")),
    "words and a number explain, DLIT": Case(BCG, _wald("DLIT"), "RR", ("ablat", "alloc")),
}  # fmt: skip


@cache
def fitted(name: str) -> Fit:
    """Read the table of a case and fit its model, as both doors do."""
    case = CASES[name]
    opened = open_file("table.csv", case.table.encode())
    found = studies_of(opened, Choices(measure=case.measure, mods=case.mods, cluster=case.cluster))
    assert (found.studies.questions, found.studies.faults) == ((), ()), name
    return fit(found.studies, case.options)


def ours(name: str) -> list[list[tuple[float | None, ...]]]:
    """What stands beside each line of R: rows of estimate, limits and P."""
    found = fitted(name)
    rows = []
    for one in (found.first, *found.others):
        table = one.fields["coefficients"] if found.first.name == "regression" else [one.fields]
        rows.append([tuple(c[f] for f in ("estimate", "ci_low", "ci_high", "p_value")) for c in table])
    for group in found.groups:
        rows += [[(g.estimate, g.ci_low, g.ci_high, g.p_value)] for g in group.found.groups]
    return rows


def lines(name: str) -> tuple[str, tuple[str, ...]]:
    """The data and every line, R's searches told to go on."""
    found = fitted(name)
    return found.data, tuple(_further(line) for line in found.r_lines)


def _further(line: str) -> str:
    control = ", control=list(threshold=1e-12, tol=1e-12, maxiter=10000))"
    if 'method="EE"' in line:
        return line
    return re.sub(r"(\brma\((?:[^()]|\([^()]*\))*)\)", lambda m: m[1] + control, line)


PROGRAM = """suppressMessages(library(metafor))
rows <- function(x) { v <- cbind(as.vector(x$beta), x$ci.lb, x$ci.ub, x$pval)
  one <- function(r) paste0("[", paste(ifelse(is.na(r), "null", sprintf("%.12g", r)), collapse=","), "]")
  paste0("[", paste(apply(v, 1, one), collapse=","), "]") }
show <- function(x) cat("RESULT ", rows(x), "\\n", sep="")
"""


def in_r(names: list[str]) -> dict[str, list[list[list[float | None]]]]:
    """What R gives for the lines of these cases."""
    program, places = [PROGRAM], []
    for name in names:
        data, all_lines = lines(name)
        program.append(data)
        for line in all_lines:
            program.append(f"show({line})")
            places.append(name)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lines.R"
        file.write_text("\n".join(program), encoding="utf-8")
        done = subprocess.run(["Rscript", str(file)], capture_output=True, text=True, check=False)
    found: dict[str, list[list[list[float | None]]]] = {}
    results = [json.loads(t[7:]) for t in done.stdout.splitlines() if t.startswith("RESULT ")]
    assert len(results) == len(places), done.stderr
    for name, result in zip(places, results, strict=True):
        found.setdefault(name, []).append(result)
    return found


if __name__ == "__main__":
    text = ",\n".join(f"{json.dumps(n)}: {json.dumps(v)}" for n, v in in_r(list(CASES)).items())
    VALUES.write_text("{\n" + text + "\n}\n", encoding="utf-8")
