"""Which modules of `analysis` no page, command or export reaches, and which of those the documentation names.

    python -m tests.reachable

Follows imports, those inside functions and those by name ("analysis.export.citation:references_txt") included, from
the pages and the command line. A package's `__init__` counts as reached by what is imported from it, name by name:
to be listed there is not yet to be used.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BY_NAME = re.compile(r"^(analysis(?:\.\w+)+)(?::\w*)?$")


def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    found = {}
    for package in ("analysis", "dashboard"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


@cache
def imported(name: str) -> dict[str, tuple[str, str]]:
    """What a module imports: the local name, and module and name there ("" for a module itself)."""
    found = {}
    package = MODULES[name].name == "__init__.py"
    for node in ast.walk(TREES[name]):
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
                    found[alias.asname or alias.name] = (base, alias.name)
                elif whole in MODULES:
                    found[alias.asname or alias.name] = (whole, "")
        elif isinstance(node, ast.Import):
            found |= {a.name: (a.name, "") for a in node.names if a.name in MODULES}
    return found


@cache
def defined(name: str) -> set[str]:
    """Names that a package's `__init__` imports from its own modules, or defines."""
    tree = TREES[name]
    names = {
        alias.asname or alias.name
        for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }  # fmt: skip
    return names | {n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}


def reached() -> set[str]:
    """Modules that the pages or the command line reach."""
    todo = [name for name in MODULES if name.startswith("dashboard")] + ["analysis.__main__"]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for module, item in imported(name).values():
            todo.append(_source(module, item))
        for node in ast.walk(TREES[name]):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                match = BY_NAME.match(node.value)
                if match and match[1] in MODULES:
                    todo.append(match[1])
    return seen


def _source(module: str, item: str) -> str:
    """The module that an imported name comes from: through `__init__` files, without what else they list."""
    while item and MODULES[module].name == "__init__.py":
        inner = imported(module).get(item)
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
            todo += [_source(module, item) for module, item in imported(name).values()]
    return found


def main() -> None:
    listed = documented()
    left = unreached()
    for name, lines in left.items():
        print(f"{lines:5d}  {name}  {'documented' if name in listed else 'NOT DOCUMENTED'}")
    named = sum(lines for name, lines in left.items() if name in listed)
    print(f"{sum(left.values())} lines in {len(left)} modules, {named} of them documented")


if __name__ == "__main__":
    main()
