"""For all tests: how hard the property tests search.

By default briefly and the same examples every time, so that a build fails for a reason that stays. Search
further, with new examples each time, by `HYPOTHESIS_PROFILE=thorough python -m pytest tests/property`.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("brief", max_examples=40, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "brief"))
