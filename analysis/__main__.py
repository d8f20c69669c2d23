"""The command line. Parses and hands over; each command's work is in its own module."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from analysis import pool_file
from analysis.effects.measures import MEASURES
from analysis.question import InvalidQuestion
from analysis.question_options import add_question_options, question_of
from analysis.reading.mapping import Choices
from analysis.review.models import MODELS
from analysis.root import not_installed


def parser() -> argparse.ArgumentParser:
    """All commands; each sets ``run``, a function of the parsed arguments that returns the exit
    code.
    """
    top = argparse.ArgumentParser(
        prog="python -m analysis",
        description="Without a command: rerun every standard question into a folder of results.",
    )
    top.add_argument(
        "--out", metavar="DIR", default="results", help="folder for the results (default results)"
    )
    top.add_argument("--data", metavar="DIR", help="data folder (default: the project's data/)")
    top.add_argument("--no-figures", action="store_true", help="tables and results.json only")
    top.set_defaults(run=_rerun)
    commands = top.add_subparsers(metavar="COMMAND")
    _add_pool(commands)
    _add_network(commands)
    _add_export(commands)
    _add_check(commands)
    _add_robustness(commands)
    _add_diff(commands)
    _add_save(commands)
    _add_wanted(commands)
    _add_site(commands)
    return top


def _add_site(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """``site OUT``: handed over, for the pages are the dashboard's."""
    command = commands.add_parser(
        "site",
        add_help=False,
        prefix_chars="\0",  # options are the other command's: here they are plain words
        help="the pages as files that need no server: python -m dashboard site OUT",
    )
    command.add_argument("rest", nargs="*")
    command.set_defaults(run=_site)


def _site(chosen: argparse.Namespace) -> int:
    """Another process: no module here knows the pages."""
    data = ["--data", chosen.data] if chosen.data else []
    return subprocess.call([sys.executable, "-m", "dashboard", *data, "site", *chosen.rest])


def _add_pool(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """``pool FILE``."""
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
        "--level", type=_level, default=0.95, help=f"{pool_file.LEVEL_RULE} (the default)"
    )
    command.add_argument(
        "--model",
        type=str.lower,
        choices=MODELS,
        default="iv",
        help="inverse variance, Mantel-Haenszel, Peto, mixed model for counts, selection model, Bayes, permutation",
    )
    command.add_argument("--mods", metavar="COL,..", default="", help="columns of moderators")
    command.add_argument(
        "--cluster", metavar="COL", default="", help="column whose rows belong together"
    )
    command.add_argument(
        "--map",
        metavar="role=column",
        nargs="+",
        action="extend",
        default=[],
        type=_role_and_column,
        help="what a column holds, such as yi=estimate; a number holds for all rows (level=90); unused=column",
    )
    command.add_argument(
        "--sheet", metavar="S", default="", help="sheet of a workbook, by name or number"
    )
    command.add_argument(
        "--analysis", metavar="N", default="", help="analysis of a review (1.1), or an outcome"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=_pool)


def _pool(chosen: argparse.Namespace) -> int:
    choices = Choices(
        roles=tuple(chosen.map),
        sheet=chosen.sheet,
        analysis=chosen.analysis,
        cluster=chosen.cluster,
        mods=_listed(chosen.mods),
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


def _add_network(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """``network [FILE]``."""
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
        "--level", type=_level, default=0.95, help="of the intervals (default 0.95)"
    )
    command.add_argument(
        "--map", nargs="+", action="extend", default=[], type=_role_and_column, metavar="role=column",
        help="columns whose names are not known, such as events=strokes or events2=d2",
    )  # fmt: skip
    command.add_argument(
        "--sheet", metavar="S", help="sheet of a workbook (default: the first that fits)"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=_network)


def _role_and_column(text: str) -> tuple[str, str]:
    """ "role=column" in two."""
    role, sign, column = text.partition("=")
    if not (role.strip() and sign and column.strip()):
        raise argparse.ArgumentTypeError(
            f"found {text}; allowed: role=column, such as events=strokes"
        )
    return role.strip(), column.strip()


def _network(chosen: argparse.Namespace) -> int:
    """Imported on use, like `_check`."""
    from analysis import load_evidence, network, network_file

    if chosen.file is None:
        if chosen.json or chosen.measure:
            print("error: found no FILE; allowed: --json and --measure with one", file=sys.stderr)
            return 2
        lines = list(network.overview(load_evidence(chosen.data)))
        print(
            "\n".join(lines) or "No trials of three treatments or more share an outcome and a time."
        )
        return 0
    return network_file.run(
        chosen.file, chosen.measure, chosen.tau2, chosen.reference, chosen.small, chosen.ci,
        chosen.level, dict(chosen.map), chosen.sheet, chosen.json,
    )  # fmt: skip


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """``check [DIR]``."""
    command = commands.add_parser(
        "check",
        help="validate a data folder; one line per fault",
        description="Validate a folder of evidence files: one line per fault, exit 1 if any.",
    )
    command.add_argument("folder", metavar="DIR", nargs="?", help="default: the project's data/")
    command.set_defaults(run=lambda a: _check(a.folder))


def _add_diff(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """``diff OLD NEW``."""
    command = commands.add_parser(
        "diff",
        help="what changed from one edition of the data to another",
        description=(
            "Ask every standard question of two editions and list the answers that changed, with the trials that "
            "moved them, and the rows that came, changed or went. Each edition is a data folder or a file of "
            "saved answers (data/editions/1.json)."
        ),
    )
    command.add_argument("old", metavar="OLD")
    command.add_argument("new", metavar="NEW")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=_diff)


def _diff(chosen: argparse.Namespace) -> int:
    """Imported on use, like `_check`."""
    from analysis.editions import command

    return command.run(Path(chosen.old), Path(chosen.new), chosen.json)


def _add_wanted(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """``wanted [DIR]``."""
    command = commands.add_parser(
        "wanted",
        help="results that were measured but could not be read, the most valuable first",
        description="What is missing, what each would do to a lead question, and a file to fill in.",
    )
    command.add_argument("folder", metavar="DIR", nargs="?", help="default: the project's data/")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument(
        "--template", metavar="FILE", help="also write the file to fill in: .csv or .xlsx"
    )
    command.set_defaults(run=_wanted)


def _wanted(chosen: argparse.Namespace) -> int:
    """Imported on use, like `_check`."""
    from analysis.wanted import command

    folder = Path(chosen.folder) if chosen.folder else None
    out = Path(chosen.template) if chosen.template else None
    return command.run(folder, as_object=chosen.json, out=out)


def _add_save(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """``save FILE [DIR]``."""
    command = commands.add_parser(
        "save",
        help="keep the answers of an edition in a file, for a later diff",
        description="Answer every standard question and write what diff needs of it into one file.",
    )
    command.add_argument("out", metavar="FILE")
    command.add_argument("folder", metavar="DIR", nargs="?", help="default: the project's data/")
    command.set_defaults(run=_save)


def _save(chosen: argparse.Namespace) -> int:
    """Imported on use, like `_check`."""
    from analysis.editions import command

    return command.save(Path(chosen.out), Path(chosen.folder) if chosen.folder else None)


def _add_robustness(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """``robustness [--view NAME]``."""
    command = commands.add_parser(
        "robustness",
        help="how the answer to a question would change with other choices",
        description="The views of robustness for one question: finding, cautions, tables.",
    )
    command.add_argument("--view", metavar="NAME", default="all", help="one view; all by default")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    # SUPPRESS: a --data before the command holds, too
    command.add_argument("--data", metavar="DIR", default=argparse.SUPPRESS, help="data folder")
    add_question_options(command)
    command.set_defaults(run=_robustness)


def _add_export(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """``export``."""
    command = commands.add_parser(
        "export",
        help="figures, slides, tables, scripts and a report of one question, of claims, of a patient or of harms",
        description="The files of one question, of claims, of a patient or of all harms, into a folder.",
    )
    command.add_argument(
        "--format",
        metavar="LIST",
        default="all",
        help="endings, separated by commas: svg,png,pdf,pptx,xlsx,csv,R,py,html,bib,ris ... (default all)",
    )
    command.add_argument(
        "--size",
        metavar="LIST",
        default="slide",
        help="of pictures: slide, half-slide, column; several separated by commas (default slide)",
    )
    command.add_argument(
        "--claim",
        metavar="LIST",
        help="instead of a question: ids of claims, or all of them with 'all'",
    )
    command.add_argument(
        "--patient",
        metavar="QUERY",
        help="instead of a question: the summary of findings of a patient, as in the address of the page, such as "
        "'cause=malignant&age=old'; '' for the first one",
    )
    command.add_argument(
        "--harms", action="store_true", help="instead of a question: the harms of all treatments"
    )
    command.add_argument(
        "--site",
        metavar="URL",
        default="",
        help="server of the links in the files, such as https://host",
    )
    # SUPPRESS: what stands before the command holds, too
    command.add_argument(
        "--out",
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="folder for the files (default results)",
    )
    command.add_argument("--data", metavar="DIR", default=argparse.SUPPRESS, help="data folder")
    add_question_options(command)
    command.set_defaults(run=_export)


def _export(chosen: argparse.Namespace) -> int:
    """Imported on use, like `_check`."""
    from analysis import room
    from analysis.export.command import ALL, InvalidChoice, Wish, run
    from analysis.findings import Harms

    try:
        if chosen.harms:
            subject = Harms()
        elif chosen.patient is not None:
            subject, said = room.patient().Patient.from_query(chosen.patient)
            if said:
                raise InvalidChoice("\n".join(said))
        elif chosen.claim is not None:
            subject = () if chosen.claim == ALL else _listed(chosen.claim)
        else:
            subject = question_of(chosen)
        wish = Wish(
            subject,
            _listed(chosen.format),
            _listed(chosen.size),
            Path(chosen.out),
            chosen.site.rstrip("/"),
        )
        return run(wish, Path(chosen.data) if chosen.data else None)
    except (InvalidQuestion, InvalidChoice) as error:
        print(error, file=sys.stderr)
        return 2


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _robustness(chosen: argparse.Namespace) -> int:
    """Imported on use: the views need every library there is."""
    from analysis import robustness_report
    from analysis.robustness_views.registry import VIEWS

    allowed = (robustness_report.ALL, *VIEWS)
    if chosen.view not in allowed:
        print(f"view: found {chosen.view!r}, allowed: {', '.join(allowed)}", file=sys.stderr)
        return 2
    try:
        question = question_of(chosen)
    except InvalidQuestion as error:
        print(error, file=sys.stderr)
        return 2
    data = Path(chosen.data) if chosen.data else None
    return robustness_report.run(question, chosen.view, data, as_json=chosen.json)


def _rerun(chosen: argparse.Namespace) -> int:
    """Imported on use, like `_check`."""
    from analysis import rerun

    data = Path(chosen.data) if chosen.data else None
    return rerun.run(Path(chosen.out), data, figures=not chosen.no_figures)


def _check(folder: str | None) -> int:
    """Imported on use: reading evidence needs pandera, which the other commands can do without."""
    from analysis.evidence import check

    return check.run(folder)


def _estimator(text: str) -> str:
    """The name of an estimator of tau2, written in any case."""
    names = {name.upper(): name for name in pool_file.TAU2_METHODS}
    return names.get(text.upper(), text)


def _level(text: str) -> float:
    """A level strictly between 0 and 1."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"found {text}; allowed: {pool_file.LEVEL_RULE}")
    return value


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse and run; the exit code (0 done, 1 faulty data, 2 wrong use)."""
    for stream in (sys.stdout, sys.stderr):
        # A study's name may hold a letter that the terminal lacks: print "?" rather than fail. What stands in for
        # the terminal in a notebook has no such setting, and needs none.
        with suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    chosen = parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except ModuleNotFoundError as error:
        if not (message := not_installed(error)):
            raise
        print(message, file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader (head, less) has left: Python must not complain again when it closes the
        # stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
