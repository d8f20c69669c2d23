"""Measure the engine beside its peers and print a table: `python -m tests.benchmarks [--quick]`.

Everything is measured in turn in one run on one machine, so the ratios can be trusted where the times
cannot. metafor is timed inside R; where it would take
minutes, on fewer sets, scaled up (marked *). `--record` keeps the run in history.csv, `--history` prints what is kept.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable

import numpy as np

from analysis.effects.table import Effects, effects_of
from analysis.evidence import load_evidence
from analysis.question import Question
from analysis.robustness.multiverse.run import run
from analysis.synthesis import all_subsets, pool, pool_many
from analysis.synthesis.network import bootstrap_counts, leave_one_out, refit_many
from tests.benchmarks import metafor, networks, peers, plain_numpy
from tests.benchmarks.data import one, sets
from tests.benchmarks.history import Peer, Row, append, read, records, summary
from tests.benchmarks.timing import measure

REML_LOOP = "for (i in 1:nrow(yi)) try(rma(yi[i,], vi[i,], method='{}'), silent=TRUE)"
SAMPLE = 200  # of this many sets metafor is timed where there are more


class Bench:
    """Runs the rows one after the other."""

    def __init__(self, rounds: int, with_r: bool) -> None:
        self.rounds = rounds
        self.with_r = with_r

    def row(
        self, work: str, ours: Callable[[], object], others: dict[str, Callable[[], object]]
    ) -> Row:
        """Time ours and the others in turn."""
        times = measure({"ours": ours, **others}, self.rounds)
        mine = times.pop("ours")
        peers = [
            Peer(name, one.times_as_long(mine), one.processor / mine.processor)
            for name, one in times.items()
        ]
        return Row(work, mine.median, mine.processor, peers)

    def metafor(self, row: Row, yi: np.ndarray, vi: np.ndarray, work: str) -> Row:
        """Add metafor's time, from a sample where there are many sets."""
        if self.with_r:
            yi, vi = np.atleast_2d(yi), np.atleast_2d(vi)
            taken = min(len(yi), SAMPLE)
            found = metafor.median_ms(yi[:taken], vi[:taken], work, min(self.rounds, 3))
            found *= len(yi) / taken
            scaled = "*" if taken < len(yi) else ""
            row.peers.append(Peer(f"metafor{scaled}", found / row.ours, remark=f"{found:.3g} ms"))
        return row

    def single_fits(self) -> list[Row]:
        """One fit, of few studies and of very many."""
        rows = []
        for k, ci in (
            (10, "hksj"),
            (20, "hksj"),
            (1_000, "wald"),
            (10_000, "wald"),
            (100_000, "wald"),
        ):
            yi, vi = one(k)
            others = {
                "plain NumPy": lambda y=yi, v=vi: plain_numpy.reml(y[None], v[None]),
                "statsmodels PM": peers.statsmodels_loop(yi[None], vi[None], "pm"),
            }
            if peers.HAS_PYMARE:
                others["PyMARE"] = peers.pymare_batch(yi[None], vi[None], "REML")
            name = f"one fit, k = {k:,}, REML{' + HKSJ' if ci == 'hksj' else ''}"
            row = self.row(name, lambda y=yi, v=vi, c=ci: pool(y, v, ci=c), others)
            if k <= 1_000:
                test = ", test='knha'" if ci == "hksj" else ""
                self.metafor(row, yi, vi, f"rma(yi[1,], vi[1,], method='REML'{test})")
            rows.append(row)
        return rows

    def many_fits(self) -> list[Row]:
        """10,000 fits of 20 studies."""
        yi, vi = sets(10_000, 20)
        rows = []
        for method in ("DL", "PM", "REML"):
            others: dict[str, Callable[[], object]] = {}
            if method != "PM":
                plain = plain_numpy.dl if method == "DL" else plain_numpy.reml
                others["plain NumPy"] = lambda f=plain: f(yi, vi)
                if peers.HAS_PYMARE:
                    others["PyMARE batch"] = peers.pymare_batch(yi, vi, method)
            row = self.row(
                f"10,000 fits of k = 20, {method}",
                lambda m=method: pool_many(yi, vi, tau2=m),
                others,
            )
            if method != "REML":
                loop = peers.statsmodels_loop(yi[:500], vi[:500], method.lower())
                found = 20 * measure({"loop": loop}, self.rounds)["loop"].median
                row.peers.append(Peer("statsmodels loop*", found / row.ours))
            rows.append(self.metafor(row, yi, vi, REML_LOOP.format(method)))
        return rows

    def subsets(self) -> list[Row]:
        """GOSH and leave-one-out."""
        yi, vi = one(16)
        members = (np.arange(1, 2**16)[:, None] >> np.arange(16)) & 1 == 1
        several = members[members.sum(axis=1) > 1]
        tiled = np.broadcast_to(yi, several.shape)
        spread = np.broadcast_to(vi, several.shape)
        others = {"plain NumPy": lambda: plain_numpy.reml(tiled, spread, several)}
        if peers.HAS_PYMARE:
            others["PyMARE by size"] = peers.pymare_subsets(yi, vi, several)
        row = self.row("all 65,535 subsets of k = 16, REML", lambda: all_subsets(yi, vi), others)
        yi100, vi100 = one(100)
        without = ~np.eye(100, dtype=bool)
        tiled100, spread100 = np.tile(yi100, (100, 1)), np.tile(vi100, (100, 1))
        leave = self.row(
            "leave-one-out, k = 100, REML",
            lambda: pool_many(yi100, vi100, without),
            {"plain NumPy": lambda: plain_numpy.reml(tiled100, spread100, without)},
        )
        self.metafor(leave, yi100, vi100, "leave1out(rma(yi[1,], vi[1,]))")
        return [row, leave]

    def multiverses(self) -> list[Row]:
        """Every defensible analysis of a few Questions, beside asking them one by one, from a sample."""
        evidence = load_evidence()
        rows = []
        for question in (
            Question(time="12m"),
            Question(intervention="AUG", comparator="NONE", time="12m"),
        ):
            found = run(question, evidence)
            at = np.random.default_rng(1).integers(len(found), size=SAMPLE)
            sample = [found.question_at(i) for i in at]
            effects = [e for asked in sample if (e := effects_of(asked, evidence)).studies]

            def one_by_one(asked: list[Question] = sample) -> None:
                for each in asked:
                    found = effects_of(each, evidence)
                    if found.studies:
                        pool(found.yi, found.vi, tau2=each.tau2, ci=each.ci)

            def pooling_alone(effects: list[Effects] = effects) -> None:
                for each in effects:
                    pool(each.yi, each.vi)

            name = f"{found.run:,} analyses, {question.slug()}"
            row = self.row(name, lambda q=question: run(q, evidence), {})
            for peer, work in (("one by one", one_by_one), ("pool() in a loop", pooling_alone)):
                taken = measure({peer: work}, self.rounds)[peer].median * found.run / len(sample)
                row.peers.append(Peer(f"{peer}*", taken / row.ours))
            rows.append(row)
        return rows

    def networks(self) -> list[Row]:
        """One network meta-analysis of two sizes, and 10,000 refits of the smaller one."""
        rows = []
        for name, columns in (
            ("28 trials, 8 treatments", networks.thrombolytic()),
            ("100 trials, 22 treatments", networks.simulated()),
        ):
            for method in ("DL", "REML"):
                others = {}
                if networks.HAS_PIMETA:
                    others["pimeta"] = networks.pimeta_fit(columns, method)
                row = self.row(
                    f"network, {name}, {method}",
                    lambda c=columns, m=method: networks.fitted(c, m),
                    others,
                )
                if self.with_r and method == "REML":
                    taken = networks.rma_mv_ms(
                        networks.fitted(columns, "REML"), min(self.rounds, 3)
                    )
                    row.peers.append(Peer("rma.mv", taken / row.ours, remark=f"{taken:.3g} ms"))
                rows.append(row)
        columns = networks.thrombolytic()
        fit = networks.fitted(columns, "REML")
        for method in ("DL", "REML"):
            counts = bootstrap_counts(fit.k, 10_000, 1)
            row = self.row(
                f"10,000 refits of a network (28, 8), {method}",
                lambda c=counts, m=method: refit_many(fit, c, m),
                {},
            )
            one = measure({"one": lambda m=method: networks.fitted(columns, m)}, self.rounds)["one"]
            row.peers.append(Peer("fit_network in a loop*", 10_000 * one.median / row.ours))
            rows.append(row)
        table = leave_one_out(fit.k)
        rows.append(
            self.row(
                "leave-one-out of a network (28, 8), REML",
                lambda: refit_many(fit, table, "REML"),
                {},
            )
        )
        return rows

    def million(self) -> Row:
        """All subsets of 20 studies, once, with the memory of the whole process at its highest."""
        yi, vi = one(20)
        wall, processor = time.perf_counter(), time.process_time()
        found = all_subsets(yi, vi)
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        peak /= 2**30 if sys.platform == "darwin" else 2**20
        assert np.isfinite(found.tau2).all()
        return Row(
            "all 1,048,575 subsets of k = 20, REML", wall * 1e3, processor * 1e3,
            remarks=[f"peak memory of the process {peak:.2f} GiB"],
        )  # fmt: skip


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 rounds, without R")
    parser.add_argument("--record", action="store_true", help="keep this run in history.csv")
    parser.add_argument("--history", action="store_true", help="print what is kept; measure nothing")
    chosen = parser.parse_args()
    if chosen.history:
        print(summary(read()))
        return
    bench = Bench(3 if chosen.quick else 7, not chosen.quick and metafor.available())
    missing = [
        name
        for name, there in (
            ("PyMARE", peers.HAS_PYMARE),
            ("pimeta", networks.HAS_PIMETA),
            ("metafor", bench.with_r),
        )
        if not there
    ]
    print(
        f"Medians of {bench.rounds} rounds; 5x: the peer takes five times as long as ours. "
        f"Left out: {', '.join(missing) or 'none'}."
    )
    done = []
    for rows in (
        lambda: [bench.million()],
        bench.single_fits,
        bench.many_fits,
        bench.subsets,
        bench.multiverses,
        bench.networks,
    ):
        for row in rows():
            print(row.text(), flush=True)
            done.append(row)
    if chosen.record:
        append(records(done))


if __name__ == "__main__":
    main()
