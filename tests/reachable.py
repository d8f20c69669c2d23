"""Which modules and functions no page, command or export reaches, and which of those the documentation names.

    python -m tests.reachable

Follows imports, those inside functions included, and the functions that downloads name, from the pages and the
command line. A package's `__init__` counts as reached by what is imported from it, name by name: to be listed there
is not yet to be used. A function counts as used when any module names it, so what is listed here is surely unused.
"""

from __future__ import annotations

import ast
import re
from functools import cache

from analysis.export.artefacts import ARTEFACTS
from tests.modules import MODULES, ROOT, parsed

NAMED = {artefact.where for artefact in ARTEFACTS.values()} | {"analysis.topic.vertebral.terms:TERMS"}
"""What is called by its name alone: "analysis.export.citation:references_txt"; by `analysis.room` what a room has."""


def tree(name: str) -> ast.Module:
    """The parsed text of a module."""
    return parsed(MODULES[name])


@cache
def imported(name: str) -> list[tuple[str, tuple[str, str]]]:
    """What a module imports: the local name, and module and name there ("" for a module itself)."""
    found = []
    package = MODULES[name].name == "__init__.py"
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = name.split(".")
                parents = parents[: len(parents) - node.level + package]
                base = ".".join([*parents, *([base] if base else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                listed = base in MODULES and base != name and alias.name in defined(base)
                if listed or (base in MODULES and whole not in MODULES):
                    found.append((alias.asname or alias.name, (base, alias.name)))
                elif whole in MODULES:
                    found.append((alias.asname or alias.name, (whole, "")))
        elif isinstance(node, ast.Import):
            found += [(a.name, (a.name, "")) for a in node.names if a.name in MODULES]
    return found


@cache
def defined(name: str) -> set[str]:
    """Names that a package's `__init__` imports from its own modules, or defines."""
    names = {
        alias.asname or alias.name
        for node in tree(name).body if isinstance(node, ast.ImportFrom) for alias in node.names
    }  # fmt: skip
    return names | {
        n.name for n in tree(name).body if isinstance(n, (ast.FunctionDef, ast.ClassDef))
    }


def reached() -> set[str]:
    """Modules that the pages or the command line reach."""
    todo = [name for name in MODULES if name.startswith("dashboard")] + ["analysis.__main__"]
    todo += [where.partition(":")[0] for where in NAMED]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        todo += [_source(module, item) for _, (module, item) in imported(name)]
    return seen


def _source(module: str, item: str) -> str:
    """The module that an imported name comes from: through `__init__` files, without what else they list."""
    while item and MODULES[module].name == "__init__.py":
        inner = dict(imported(module)).get(item)
        if inner is None or inner == (module, item):
            return module
        module, item = inner
    return module


def unreached() -> dict[str, int]:
    """Modules with code of their own that are not reached, and their lines."""
    seen = reached()
    return {
        name: len(path.read_text(encoding="utf-8").splitlines())
        for name, path in MODULES.items()
        if name not in seen and path.name != "__init__.py"
    }


def documented() -> set[str]:
    """Modules whose names a package of the documented interface lists (`docs/reference/api.md`)."""
    text = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    packages = [name for name in re.findall(r"automodule:: ([\w.]+)", text) if name in MODULES]
    found, todo = set(), [_source(p, item) for p in packages for item in defined(p)] + packages
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [_source(module, item) for _, (module, item) in imported(name)]
    return found


def unused() -> list[tuple[str, str, int]]:
    """Functions and classes of `analysis` that no module names: module, name, lines. Hooks of Python are left out."""
    named = {where.partition(":")[2] for where in NAMED}
    for module in MODULES:
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.Name):
                named.add(node.id)
            elif isinstance(node, ast.Attribute):
                named.add(node.attr)
    return [
        (module, node.name, node.end_lineno - node.lineno + 1)
        for module in MODULES if module.startswith("analysis")
        for node in tree(module).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name not in named
        and not node.name.startswith("__")
    ]  # fmt: skip


def shown() -> set[tuple[str, str]]:
    """Functions and classes that `docs/reference/api.md` shows: where each is defined, and its name."""
    text = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    packages = [name for name in re.findall(r"automodule:: ([\w.]+)", text) if name in MODULES]
    return {(_source(package, item), item) for package in packages for item in defined(package)}


def main() -> None:
    listed = documented()
    left = unreached()
    for name, lines in left.items():
        print(f"{lines:5d}  {name}  {'documented' if name in listed else 'NOT DOCUMENTED'}")
    named = sum(lines for name, lines in left.items() if name in listed)
    print(f"{sum(left.values())} lines in {len(left)} modules, {named} of them documented")
    there = shown()
    for module, name, lines in unused():
        print(
            f"{lines:5d}  {module}.{name}  {'documented' if (module, name) in there else 'NOT DOCUMENTED'}"
        )


if __name__ == "__main__":
    main()
