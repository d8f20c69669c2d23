"""For the tests that run R."""

from __future__ import annotations

import pytest

from tests.benchmarks import metafor


@pytest.fixture(scope="session")
def r_with_metafor() -> None:
    """Asked when the first of these tests runs: to start R takes longer than to collect the tests."""
    if not metafor.available("metadat", "jsonlite"):
        pytest.skip("R with metafor, metadat and jsonlite is not installed")
