"""``pool FILE``."""

from __future__ import annotations

import argparse

from analysis import pool_file
from analysis.commands.arguments import Commands, level, listed, role_and_column
from analysis.effects.measures import MEASURES
from analysis.reading.mapping import Choices
from analysis.review.models import MODELS


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "pool",
        help="pool a file of effect sizes, counts or means",
        description=(
            "Pool a file: CSV, XLSX, RevMan and others. Columns are known by the names of metafor, meta, RevMan, "
            "JASP and common English (yi with vi, sei or limits; or, rr, hr with limits; ai n1i ci n2i; m1i sd1i n1i "
            "m2i sd2i n2i; medians with quartiles; xi ni; ri ni ...); others are matched with --map. What the file "
            "does not decide is asked, with what to type."
        ),
    )
    command.add_argument("file", metavar="FILE")
    command.add_argument(
        "--measure",
        type=str.upper,
        metavar="NAME",
        help=f"{', '.join(MEASURES)}; taken from the file if left out",
    )
    command.add_argument(
        "--tau2",
        type=_estimator,
        choices=pool_file.TAU2_METHODS,
        help="estimator of the heterogeneity variance; EE: common effect (default: by the number of studies)",
    )
    command.add_argument(
        "--ci",
        type=str.lower,
        choices=pool_file.CI_METHODS,
        help="method of the confidence interval (default hksj-adhoc: Hartung-Knapp, never narrower than Wald)",
    )
    command.add_argument(
        "--level", type=level, default=0.95, help=f"{pool_file.LEVEL_RULE} (the default)"
    )
    command.add_argument(
        "--model",
        type=str.lower,
        choices=MODELS,
        default="iv",
        help="inverse variance, Mantel-Haenszel, Peto, mixed model for counts, selection model, Bayes, permutation",
    )
    command.add_argument(
        "--mods",
        metavar="COL,..",
        default="",
        help="columns that explain differences; factor(COL): its numbers as groups",
    )
    command.add_argument(
        "--cluster", metavar="COL", default="", help="column whose rows belong together"
    )
    command.add_argument(
        "--map",
        metavar="role=column",
        nargs="+",
        action="extend",
        default=[],
        type=role_and_column,
        help="what a column holds, such as yi=estimate; a number holds for all rows (level=90); unused=column",
    )
    command.add_argument(
        "--sheet", metavar="S", default="", help="sheet of a workbook, by name or number"
    )
    command.add_argument(
        "--analysis", metavar="N", default="", help="analysis of a review (1.1), or an outcome"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    choices = Choices(
        roles=tuple(chosen.map),
        sheet=chosen.sheet,
        analysis=chosen.analysis,
        cluster=chosen.cluster,
        mods=listed(chosen.mods),
    )
    return pool_file.run(
        chosen.file,
        chosen.measure,
        chosen.tau2,
        chosen.ci,
        chosen.level,
        chosen.json,
        model=chosen.model,
        choices=choices,
    )


def _estimator(text: str) -> str:
    """The name of an estimator of tau2, written in any case."""
    names = {name.upper(): name for name in pool_file.TAU2_METHODS}
    return names.get(text.upper(), text)
