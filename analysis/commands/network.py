"""``network [FILE]``."""

from __future__ import annotations

import argparse
import sys

from analysis.commands.arguments import Commands, level, role_and_column


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "network",
        help="network meta-analysis of a file of arms or contrasts",
        description=(
            "Compare all treatments of a network. Columns: study, treat1, treat2, TE, seTE (one row per "
            "comparison); or study, treatment and events, n, or events, time, or mean, sd, n (one row per "
            "arm); or treat1, events1, n1, treat2, ... (one row per study). Names of netmeta, metafor, "
            "gemtc and MetaInsight are known, in any case. Without FILE: what the networks of the data say at each "
            "time, beside the trials that compare two treatments."
        ),
    )
    command.add_argument("file", metavar="FILE", nargs="?")
    command.add_argument(
        "--data", metavar="DIR", default=argparse.SUPPRESS, help="without FILE: data folder"
    )
    command.add_argument(
        "--measure",
        metavar="NAME",
        help="OR, RR, RD, HR, IRR, IRD, MD, SMD, ROM, AS; taken from the file or its columns if left out",
    )
    command.add_argument(
        "--tau2",
        type=str.upper,
        choices=("DL", "REML", "ML"),
        default="REML",
        help="estimator of the heterogeneity variance (default REML)",
    )
    command.add_argument(
        "--reference",
        metavar="T",
        help="treatment to compare with (default: the one in most studies)",
    )
    command.add_argument(
        "--small", type=str.lower, choices=("good", "bad"), default="good",
        help="whether small values are good or bad, for P-scores (default good)",
    )  # fmt: skip
    command.add_argument(
        "--ci", type=str.lower, choices=("wald", "t"), default="wald",
        help="intervals: normal, or t with the degrees of freedom of Q (default wald)",
    )  # fmt: skip
    command.add_argument(
        "--level", type=level, default=0.95, help="of the intervals (default 0.95)"
    )
    command.add_argument(
        "--map", nargs="+", action="extend", default=[], type=role_and_column, metavar="role=column",
        help="columns whose names are not known, such as events=strokes or events2=d2",
    )  # fmt: skip
    command.add_argument(
        "--sheet", metavar="S", help="sheet of a workbook (default: the first that fits)"
    )
    command.add_argument(
        "--analysis", action="append", default=[], metavar="N",
        help="an outcome, or a time, where a column names several (may be given twice)",
    )  # fmt: skip
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Imported on use: the other commands do without."""
    from analysis import network, network_file
    from analysis.evidence.for_command import read_for_command

    if chosen.file is None:
        if chosen.json or chosen.measure:
            print("error: found no FILE; allowed: --json and --measure with one", file=sys.stderr)
            return 2
        evidence = read_for_command(chosen.data)
        if evidence is None:
            return 1
        lines = list(network.overview(evidence))
        print(
            "\n".join(lines) or "No trials of three treatments or more share an outcome and a time."
        )
        return 0
    return network_file.run(
        chosen.file, chosen.measure, chosen.tau2, chosen.reference, chosen.small, chosen.ci,
        chosen.level, dict(chosen.map), chosen.sheet, chosen.json, chosen.analysis,
    )  # fmt: skip
