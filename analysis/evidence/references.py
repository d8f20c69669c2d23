"""Faults between tables: keys that do not resolve, and rows that contradict the row they name.

A row that names a row that was left out is left out with it, and is counted in that row's fault.
Rows that name a key that exists nowhere make one fault together, at the first of them.
"""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from analysis.evidence.faults import row_id
from analysis.evidence.read import Finding
from analysis.evidence.schema import ONE_TRIAL, REFERENCES, TABLES, Reference

Key = tuple[str, ...]
ARTICLE = {"study_id": "a study_id", "arm_id": "an arm_id"}


class Links:
    """Follows references between tables and keeps account of what is left out, and why.

    Parameters
    ----------
    frames : dict of str to DataFrame
        Typed frames of all rows that could be cut into cells.
    findings : list of Finding
        Faults found so far; faults between tables are appended.
    unusable : dict of str to Finding
        For each table that could not be read, the fault that says so.
    """

    def __init__(
        self,
        frames: dict[str, pd.DataFrame],
        findings: list[Finding],
        unusable: dict[str, Finding],
    ) -> None:
        self.frames, self.findings, self.unusable = frames, findings, unusable
        self.cause: dict[str, Finding] = {}  # row_id of a row left out -> its fault
        self._lost: dict[str, dict[Key, Finding]] = defaultdict(dict)  # keys of rows left out
        self._groups: dict[tuple[str, ...], Finding] = {}
        for finding in findings:
            if finding.row is not None and finding.row > 1:
                self.cause.setdefault(row_id(finding.table, finding.row), finding)
            for name in finding.left_out:
                self.cause.setdefault(name, finding)
            if finding.key and TABLES[finding.table].key:
                self._lost[finding.table].setdefault(finding.key, finding)

    def follow(self) -> None:
        """Leave out every row that does not resolve, until all that remain do."""
        for reference in REFERENCES:
            within = reference.table == reference.target
            while self._resolve(reference) and within:
                pass
            if within:
                while self._grandchildren():
                    self._resolve(reference)
        self._circles()
        self._contradictions()
        self._explain_orphans()

    def live(self, table: str) -> pd.DataFrame:
        """The rows of a table that are still in."""
        frame = self.frames[table]
        still_in = ~frame["row_id"].isin(self.cause)
        return frame[still_in].reset_index(drop=True)

    def _resolve(self, reference: Reference) -> int:
        """Follow one reference; the number of rows left out."""
        target = TABLES[reference.target]
        known = set(self._keys(self.live(reference.target), target.key))
        frame = self.live(reference.table)
        wanted = self._keys(frame, reference.columns)
        before = len(self.cause)
        for at, key in enumerate(wanted):
            if key in known or not frame[reference.when].iat[at]:
                continue
            root = self._lost[reference.target].get(key) or self.unusable.get(reference.target)
            if root is not None:
                self._leave_out(reference.table, frame, at, root)
                continue
            allowed = f"{ARTICLE[target.key[-1]]} of {target.file}"
            if len(key) > 1:
                allowed += f" for {key[0]}"
            group = ("missing", reference.target, *key)
            finding = self._report(
                group, reference.table, frame, at, reference.columns[-1], allowed
            )
            own = TABLES[reference.table].key
            # A fault may gather rows of several tables: the lost key is that of its own row.
            is_own = (finding.table, finding.row) == (reference.table, frame["row"].iat[at])
            if is_own and reference.columns[-1] in own:
                finding.lost_key = tuple(
                    None if name == reference.columns[-1] else frame[name].iat[at] for name in own
                )
        return len(self.cause) - before

    def _grandchildren(self) -> int:
        """A report belongs to a trial, not to another report of it."""
        studies = self.live("studies")
        parent_of = dict(zip(studies["study_id"], studies["parent_study_id"], strict=True))
        before = len(self.cause)
        for at, parent in enumerate(studies["parent_study_id"]):
            if parent and parent_of.get(parent):
                allowed = f"a study_id without a parent of its own (it has {parent_of[parent]})"
                group = ("child", parent)
                self._report(group, "studies", studies, at, "parent_study_id", allowed)
        return len(self.cause) - before

    def _circles(self) -> None:
        """Reports of one trial lead from `report_b` to `report_a`, and never back."""
        links = self.live("links")
        whole = links["what"].isin(ONE_TRIAL)
        onward: dict[str, set[str]] = defaultdict(set)
        for a, b in zip(links["report_a"][whole], links["report_b"][whole], strict=True):
            onward[b].add(a)
        for at in links.index[whole]:
            a, b = links["report_a"][at], links["report_b"][at]
            seen, todo = set(), [a]
            while todo:
                name = todo.pop()
                if name not in seen:
                    seen.add(name)
                    todo += onward[name]
            if b in seen:
                allowed = f"a report that no link leads back to {b}"
                self._report(("circle", a, b), "links", links, at, "report_a", allowed)

    def _contradictions(self) -> None:
        """Contrasts have the treatments of their arms; results no more patients than their arm."""
        arms = self.live("arms")
        keys = self._keys(arms, TABLES["arms"].key)
        treatment = dict(zip(keys, arms["treatment"], strict=True))
        size = dict(zip(keys, arms["n"], strict=True))
        row = dict(zip(keys, arms["row"], strict=True))
        for side in ("t", "c"):
            frame = self.live("contrasts")
            named = self._keys(frame, ("study_id", f"arm_{side}"))
            treatments = frame[f"treatment_{side}"]
            for at, (key, printed) in enumerate(zip(named, treatments, strict=True)):
                if printed and printed != treatment[key]:
                    allowed = f"{treatment[key]}, as arms.csv row {row[key]} says"
                    group = ("treatment", *key, printed)
                    self._report(group, "contrasts", frame, at, f"treatment_{side}", allowed)
        frame = self.live("arm_results")
        named = self._keys(frame, ("study_id", "arm_id"))
        for at, (key, printed) in enumerate(zip(named, frame["n"], strict=True)):
            if printed > size[key]:
                allowed = f"no more than the arm's n ({size[key]:g}, arms.csv row {row[key]})"
                self._report(("size", *key), "arm_results", frame, at, "n", allowed)

    def _explain_orphans(self) -> None:
        """Match keys that exist nowhere with rows whose own key cannot be read.

        A row with a damaged key is the likely home of the rows that name a missing one; of several
        missing keys that fit, the one that most rows name. They are then one fault.
        """
        for finding in [f for f in self.findings if f.lost_key is not None]:
            if finding not in self.findings:
                continue  # explained by an earlier one
            homeless = [
                (group, fault)
                for group, fault in self._groups.items()
                if group[:2] == ("missing", finding.table)
                and all(
                    part is None or part == wanted
                    for part, wanted in zip(finding.lost_key, group[2:], strict=True)
                )
            ]
            if homeless:
                group, fault = max(homeless, key=lambda item: len(item[1].left_out))
                del self._groups[group]
                finding.left_out += [row_id(fault.table, fault.row), *fault.left_out]
                self.findings.remove(fault)

    def _report(
        self,
        group: tuple[str, ...],
        table: str,
        frame: pd.DataFrame,
        at: int,
        column: str,
        allowed: str,
    ) -> Finding:
        """A new fault, or one more row for a fault already found."""
        if group in self._groups:
            self._leave_out(table, frame, at, self._groups[group])
            return self._groups[group]
        row = int(frame["row"].iat[at])
        value = frame[column].iat[at]
        found = value if isinstance(value, str) else f"{value:g}"
        finding = Finding(table, row, column, found, allowed)
        self._groups[group] = finding
        self.findings.append(finding)
        self.cause[row_id(table, row)] = finding
        self._lose_key(table, frame, at, finding)
        return finding

    def _leave_out(self, table: str, frame: pd.DataFrame, at: int, root: Finding) -> None:
        name = frame["row_id"].iat[at]
        root.left_out.append(name)
        self.cause[name] = root
        self._lose_key(table, frame, at, root)

    def _lose_key(self, table: str, frame: pd.DataFrame, at: int, root: Finding) -> None:
        if columns := TABLES[table].key:
            key = tuple(frame[name].iat[at] for name in columns)
            self._lost[table].setdefault(key, root)

    @staticmethod
    def _keys(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[Key]:
        return list(zip(*(frame[name] for name in columns), strict=True))
