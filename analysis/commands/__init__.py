"""The commands of `python -m analysis`, one file each: `add` says what it takes, `run` does it."""

import os

# As in `dashboard`, before NumPy is imported: threads for matrices as small as these take longer than they save.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
