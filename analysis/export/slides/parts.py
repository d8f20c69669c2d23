"""What does not fit one slide goes on to the next under a title of its own: no two slides of a deck share one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from analysis.appraisal.sentences import HEADLINE_WORDS
from analysis.export.slides.deck import below_title, said_height
from analysis.prose import capital, words_in

T = TypeVar("T")


def titled(
    title: str, parts: Sequence[Sequence[T]], counts: Sequence[int], noun: str
) -> Iterator[tuple[str, Sequence[T]]]:
    """Each part with its title: the first has the title itself, a later one says which rows it holds.

    Parameters
    ----------
    counts : how many rows of the whole each part holds; headings and repeated summaries do not count.
    noun : what a row is, in the plural.
    """
    first, total = 1, sum(counts)
    for i, (part, n) in enumerate(zip(parts, counts, strict=True)):
        yield (part_title(title, noun, first, first + n - 1, total) if i else title), part
        first += n


def part_title(title: str, noun: str, first: int, last: int, total: int) -> str:
    """The title with the rows that are on the slide, in at most 12 words: its end gives way to them.

    >>> part_title("Pain fell by 5.31 points after augmentation: not an effect of treatment", "studies", 13, 24, 56)
    'Pain fell by 5.31 points after augmentation: studies 13–24 of 56'
    """
    span = f"{first}–{last}" if last > first else f"{first}"
    which = f"{noun if last > first else noun.removesuffix('s')} {span} of {total}"
    if noun == "studies" and last == first:
        which = f"study {span} of {total}"
    heads = (title, title.rpartition(",")[0], title.rpartition(":")[0], title.partition(":")[0])
    for head in filter(None, heads):
        joint = ", " if ":" in head else ": "
        if words_in(longer := f"{head}{joint}{which}") <= HEADLINE_WORDS:
            return longer
    return capital(which)


def title_bottom(title: str, noun: str, *, kicker: str = "") -> float:
    """Where the room below the title begins on the part whose title is the highest (points)."""
    return max(below_title(text, kicker) for text in (title, part_title(title, noun, 88, 99, 100)))


def below_words(title: str, noun: str, said: str, caution: str, *, kicker: str = "") -> float:
    """Where the plot begins below the title and what is said under it."""
    return title_bottom(title, noun, kicker=kicker) + said_height(said, caution) + 8
