"""Where the files stand that come with the code: the evidence, how to cite it, the glossary.

In the repository that is its top folder; in an installed package the build put them into one folder of it
(`[tool.hatch.build]` in pyproject.toml). Knows no other module, so that every room may ask it.

>>> (ROOT / "data" / "topic.toml").is_file()
True
"""

from __future__ import annotations

from pathlib import Path

_INSTALLED = Path(__file__).with_name("shipped")

ROOT = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).resolve().parents[1]
"""The folder that holds data/, CITATION.cff and GLOSSARY.md."""

_EXTRAS = {
    "export": {"jinja2", "kaleido", "pptx", "tqdm", "xlsxwriter"},
    "dashboard": {"celery", "dash", "dash_ag_grid", "dash_mantine_components", "flask", "flask_compress", "redis",
                  "waitress"},
}  # fmt: skip


def not_installed(error: ModuleNotFoundError) -> str:
    """What to install when a package of one of pyproject's extras is missing; empty for any other module.

    >>> not_installed(ModuleNotFoundError("", name="pptx"))
    'pptx is not installed; pip install "vertebral-augmentation-evidence[export]" brings it'
    """
    module = (error.name or "").split(".")[0]
    extra = next((name for name, modules in _EXTRAS.items() if module in modules), None)
    if extra is None:
        return ""
    return f'{module} is not installed; pip install "vertebral-augmentation-evidence[{extra}]" brings it'
