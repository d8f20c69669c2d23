"""Values that several commands take."""

from __future__ import annotations

import argparse

from analysis.pool_file import LEVEL_RULE

Commands = argparse._SubParsersAction


def level(text: str) -> float:
    """A level strictly between 0 and 1."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"found {text}; allowed: {LEVEL_RULE}")
    return value


def listed(text: str) -> tuple[str, ...]:
    """What stands between commas.

    >>> listed("svg, png,")
    ('svg', 'png')
    """
    return tuple(part.strip() for part in text.split(",") if part.strip())


def role_and_column(text: str) -> tuple[str, str]:
    """ "role=column" in two."""
    role, sign, column = text.partition("=")
    if not (role.strip() and sign and column.strip()):
        raise argparse.ArgumentTypeError(
            f"found {text}; allowed: role=column, such as events=strokes"
        )
    return role.strip(), column.strip()
