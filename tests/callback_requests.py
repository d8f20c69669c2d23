"""The requests that a browser sends when a control changes, made from what the server says it takes.

Used by the tests that stand outside the pages (faults, security) and by the load test: whatever callbacks
a page brings, they are found here without being named.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

ADDRESS = "/_dash-update-component"
LIST = "/_dash-dependencies"

Entry = dict[str, Any]


class Callbacks:
    """All callbacks that run on the server, by the first thing they fill (``content.children``).

    Parameters
    ----------
    dependencies : the JSON of ``/_dash-dependencies``.
    """

    def __init__(self, dependencies: Iterable[Entry]) -> None:
        self._by_name: dict[str, Entry] = {}
        for found in dependencies:
            if found.get("clientside_function"):
                continue
            name = name_of(found["output"])
            if name in self._by_name:  # several may fill the same: told apart by what starts them
                name = f"{name}@{found['inputs'][0]['id']}"
            self._by_name[name] = found

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def arguments(self, name: str) -> list[tuple[str, str]]:
        """Id and property of everything that a callback is given."""
        found = self._by_name[name]
        return [(a["id"], a["property"]) for a in [*found["inputs"], *found["state"]]]

    def body(
        self,
        name: str,
        values: Mapping[str, object],
        controls: Mapping[str, Mapping[str, object]] | None = None,
    ) -> Entry:
        """The request for one callback.

        Parameters
        ----------
        name : the first thing that it fills.
        values : by ``id.property``; None for what is not named.
        controls : for ids that stand for many: by the id's pattern, the value of each control by its
            name (the part that the pattern leaves open).
        """
        found = self._by_name[name]
        inputs = [_entry(a, values, controls or {}) for a in found["inputs"]]
        names = [i for entry in inputs for i in (entry if isinstance(entry, list) else [entry])]
        return {
            "output": found["output"],
            "outputs": _outputs(found["output"], controls or {}),
            "inputs": inputs,
            "state": [_entry(a, values, controls or {}) for a in found["state"]],
            "changedPropIds": [f"{_text(i['id'])}.{i['property']}" for i in names[:1]],
        }


def name_of(output: str) -> str:
    """
    >>> name_of('..content.children...arrival.data..')
    'content.children'
    """
    return output.strip(".").split("...")[0].split("@")[0]


def _outputs(output: str, controls: Mapping[str, Mapping[str, object]]) -> object:
    several = output.startswith("..") and output.endswith("..")
    parts = output[2:-2].split("...") if several else [output]
    found = []
    for part in parts:
        name, _, prop = part.rpartition(".")
        found.append(_spread(name, prop, controls) if '["ALL"]' in name else _one(name, prop))
    return found if several else found[0]


def _one(name: str, prop: str) -> Entry:
    """A component by its name; of a pattern that each fills for itself (MATCH), one that fits."""
    if not name.startswith("{"):
        return {"id": name, "property": prop}
    parts = {key: "any" if isinstance(v, list) else v for key, v in json.loads(name).items()}
    return {"id": parts, "property": prop}


def _spread(name: str, prop: str, controls: Mapping[str, Mapping[str, object]]) -> list[Entry]:
    """The components for which a pattern stands, as ids."""
    parts = json.loads(name)
    *others, left_open = [key for key, value in parts.items() if isinstance(value, list)]
    fixed = {**parts, **dict.fromkeys(others, "any")}
    return [{"id": {**fixed, left_open: c}, "property": prop} for c in controls.get(name, {})]


def _entry(
    argument: Entry, values: Mapping[str, object], controls: Mapping[str, Mapping[str, object]]
) -> Entry | list[Entry]:
    name, prop = argument["id"], argument["property"]
    if '["ALL"]' not in name:
        one = _one(name, prop)
        own = prop == "id" and one["id"] != name
        return {**one, "value": one["id"] if own else values.get(f"{name}.{prop}")}
    shown = controls.get(name, {})
    found = _spread(name, prop, controls)
    for entry, value in zip(found, shown.values(), strict=True):
        entry["value"] = entry["id"] if prop == "id" else value
    return found


def _text(name: object) -> str:
    return (
        name if isinstance(name, str) else json.dumps(name, sort_keys=True, separators=(",", ":"))
    )
