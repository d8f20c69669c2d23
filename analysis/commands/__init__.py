"""The commands of `python -m analysis`, one file each: `add` says what it takes, `run` does it."""
