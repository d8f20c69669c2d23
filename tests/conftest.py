"""For all tests: how hard the property tests search, and which tests are quick.

By default briefly and the same examples every time, so that a build fails for a reason that stays. Search
further, with new examples each time, by `HYPOTHESIS_PROFILE=thorough python -m pytest tests/property`.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# As the dashboard does, here and in the workers: threads that share matrices this small wait for each other most
# of the time, and two workers' for those of the other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

settings.register_profile("brief", max_examples=25, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "brief"))


# What `-m quick` leaves out, by folder or module. Everything else carries the mark `quick`.
NOT_QUICK = (
    "tests/acceptance", "tests/browser", "tests/data", "tests/faults", "tests/property", "tests/simulations",
    "tests/analysis/export", "tests/analysis/robustness_views", "tests/analysis/wanted",
    "tests/analysis/evidence/test_check.py", "tests/analysis/synthesis/test_dependence.py",
    "tests/analysis/synthesis/test_few_spread_simulation.py", "tests/analysis/synthesis/test_few_studies_simulation.py",
    "tests/analysis/synthesis/test_glmm.py", "tests/analysis/synthesis/test_network_views.py",
    "tests/analysis/test_names_shown.py", "tests/analysis/test_readability.py", "tests/analysis/test_rerun.py",
    "tests/analysis/test_words.py",
    "tests/dashboard/test_app.py", "tests/dashboard/test_memory.py", "tests/dashboard/pages",
    "tests/reference/test_network_in_r.py", "tests/reference/test_regenerate.py",
)  # fmt: skip


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even read what `-m quick` leaves out."""
    place = collection_path.relative_to(config.rootpath).as_posix()
    return True if config.option.markexpr == "quick" and place.startswith(NOT_QUICK) else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is collected stays to the end: whoever looks for garbage need not look there, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark as quick what is neither in a folder or module that takes long nor marked as slow."""
    for item in items:
        place = item.path.relative_to(config.rootpath).as_posix()
        if item.get_closest_marker("slow") is None and not place.startswith(NOT_QUICK):
            item.add_marker("quick")


@pytest.fixture(scope="session", autouse=True)
def _no_queue() -> Iterator[None]:
    """No test sends jobs to the Redis of whoever runs it, and none waits until a server has visited its pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVIDENCE_WARM", "no")
        patch.delenv("REDIS_URL", raising=False)
        yield
