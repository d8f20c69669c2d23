"""Percentages beside sizes as counts of events; counts that state their own share or size ("12 (30%)", "12 of 40")."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from analysis.reading.asking import Fault, listed
from analysis.reading.records import Record
from analysis.reading.roles import EVENTS


def shares_to_events(
    records: Sequence[Record], named: Mapping[str, str]
) -> tuple[list[Fault], list[str]]:
    """Percentages beside sizes as counts: the whole number that the printed percentage allows.

    A percentage that no whole number gives is a fault; "12 (30%)" whose two numbers disagree is one, too.
    """
    faults, said = [], []
    for events, (size, share) in EVENTS.items():
        if not share:
            continue
        column = named.get(share, named.get(events, share))
        values = [r.v[share] for r in records if share in r.v]
        scale = 100 if share in named and any(v > 1 for v in values) else 1
        for r in records:
            beside = r.v.pop(f"{events} share", None)
            if (
                beside is not None
                and events in r.v
                and r.v.get(size, 0) > 0
                and abs(r.v[events] / r.v[size] - beside) > 0.02
            ):
                faults.append(
                    Fault(
                        r.row,
                        column,
                        f"{r.v[events]:g} ({100 * beside:g}%)",
                        f"{r.v[events]:g} of {r.v[size]:g} is "
                        f"{100 * r.v[events] / r.v[size]:.1f}%: put one of them right",
                    )
                )
            of = r.v.pop(f"{events} of", None)
            if of is not None and r.v.setdefault(size, of) != of and events in r.v:
                allowed = f"the size that {named.get(size, size)} holds, {r.v[size]:g}: put one of them right"
                faults.append(Fault(r.row, column, f"{r.v[events]:g} of {of:g}", allowed))
            if share not in r.v or events in r.v:
                continue
            p, digits = r.v[share] / scale, r.digits[share] + (2 if scale == 100 else 0)
            if size not in r.v:
                faults.append(
                    Fault(
                        r.row,
                        column,
                        f"{100 * p:g}%",
                        "a percentage beside the size of its group, or the number of events",
                    )
                )
                continue
            n = r.v[size]
            half = 0.5 * 10.0**-digits + 1e-12
            least, most = math.ceil(n * (p - half) - 1e-9), math.floor(n * (p + half) + 1e-9)
            if not 0 <= p <= 1:
                faults.append(Fault(r.row, column, f"{100 * p:g}%", "a percentage from 0 to 100"))
            elif least < most and share not in named and abs(n * p - round(n * p)) > 1e-6:
                faults.append(
                    Fault(
                        r.row,
                        column,
                        f"{100 * p:g}%",
                        f"the number of events: {100 * p:g}% of {n:g} may be any from {least} to {most}; type "
                        f'the count, or take the nearest with --map {share}="{column}"',
                    )
                )
            elif least > most:
                near = math.floor(n * p)
                faults.append(
                    Fault(
                        r.row,
                        column,
                        f"{100 * p:g}%",
                        f"the number of events: {100 * p:g}% of {n:g} is {n * p:.4g}, and neither "
                        f"{near} nor {near + 1} gives it; type the count",
                    )
                )
            else:
                count = min(range(least, most + 1), key=lambda c: abs(c - n * p))
                r.v[events], r.digits[events] = float(count), 0
                said.append(f"{100 * p:g}% of {n:g} read as {count}")
    return faults, [f"percentages read as counts: {listed(said, 4)}"] if said else []
