"""The studies of a network, made ready: basic contrasts with the covariance that shared arms give them.

Every study compares p >= 2 treatments. Against its first one (lowest in the order of treatments) it has
p - 1 basic contrasts, with a full covariance matrix. Studies with the same number of arms are kept
together in one `Block`, so that no loop runs over studies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.errors import InputError, NotEstimable

_WHOLE_NUMBER = re.compile(r"\d+")


class DisconnectedNetwork(NotEstimable):
    """Some treatments are not linked by any chain of studies; `parts` are the linked sets."""

    def __init__(self, parts: Sequence[Sequence[str]]) -> None:
        self.parts = tuple(tuple(part) for part in parts)
        listed = "; ".join("{" + ", ".join(part) + "}" for part in self.parts)
        super().__init__(
            f"the network falls into {len(self.parts)} parts that no study links, so they cannot be "
            f"compared: {listed}; allowed: one of these parts at a time"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """`s` studies of `p` arms.

    Attributes
    ----------
    study : int array, shape (s,)
        Place in `NetworkStudies.labels`.
    arms : int array, shape (s, p)
        Places in `NetworkStudies.treatments`, rising.
    effects : float array, shape (s, p - 1)
        Second, third ... arm minus the first.
    covariance : float array, shape (s, p - 1, p - 1)
    """

    study: np.ndarray
    arms: np.ndarray
    effects: np.ndarray
    covariance: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class NetworkStudies:
    """Studies of one connected network.

    Attributes
    ----------
    labels : names of the studies, in the order in which they came.
    treatments : names, in order; numbers by size, words by the alphabet.
    blocks : the studies by number of arms.
    notes : what was done to the data, a sentence each.
    """

    labels: tuple[str, ...]
    treatments: tuple[str, ...]
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.labels)

    @property
    def n(self) -> int:
        """Number of treatments."""
        return len(self.treatments)

    def arms_of(self) -> list[tuple[int, ...]]:
        """The treatments of each study, as places in `treatments`, in the order of `labels`."""
        found: list[tuple[int, ...]] = [()] * self.k
        for block in self.blocks:
            for study, arms in zip(block.study.tolist(), block.arms.tolist(), strict=True):
                found[study] = tuple(arms)
        return found


@dataclass(frozen=True, slots=True)
class StudyContrasts:
    """One study before it is put into a block: effects of `treatments[1:]` minus `treatments[0]`."""

    label: str
    treatments: tuple[str, ...]
    effects: np.ndarray
    covariance: np.ndarray


def assemble(
    studies: Sequence[StudyContrasts], notes: Sequence[str] = (), named: Iterable[str] = ()
) -> NetworkStudies:
    """Order the treatments, turn every study to its first one, and group by number of arms.

    `named` are the treatments of the data, as far as known: a note says which of them no study is left to compare.

    Raises
    ------
    ValueError
        No study; a covariance matrix that is not positive definite (the study is named).
    DisconnectedNetwork
        Treatments that no chain of studies links.

    What was done to the data (`notes`) is added to each of these, for it may be the reason.
    """
    lost = in_order({*named} - {name for study in studies for name in study.treatments})
    if lost:
        notes = (
            *notes,
            f"Not in the network, since no study is left to compare: {', '.join(lost)}.",
        )
    try:
        return _assembled(studies, notes)
    except ValueError as error:
        for note in notes:
            error.add_note(note)
        raise


def _assembled(studies: Sequence[StudyContrasts], notes: Sequence[str]) -> NetworkStudies:
    if not studies:
        raise NotEstimable("found no study that compares two treatments; allowed: at least one")
    treatments = in_order({name for study in studies for name in study.treatments})
    place = {name: i for i, name in enumerate(treatments)}
    of_size: dict[int, list[int]] = {}
    for i, study in enumerate(studies):
        of_size.setdefault(len(study.treatments), []).append(i)
    blocks = []
    for p, members in sorted(of_size.items()):
        arms = np.array([[place[name] for name in studies[i].treatments] for i in members])
        effects = np.array([studies[i].effects for i in members], dtype=float)
        covariance = np.array([studies[i].covariance for i in members], dtype=float)
        blocks.append(_turned(np.array(members), arms, effects, covariance, p))
    found = NetworkStudies(
        tuple(study.label for study in studies), treatments, tuple(blocks), tuple(notes)
    )
    parts = connected_parts(found.n, found.arms_of())
    if len(parts) > 1:
        raise DisconnectedNetwork([[treatments[i] for i in part] for part in parts])
    _require_positive_definite(found)
    return found


def _turned(
    study: np.ndarray, arms: np.ndarray, effects: np.ndarray, covariance: np.ndarray, p: int
) -> Block:
    """The block with the arms of each study in rising order, contrasts against the first of them."""
    order = np.argsort(arms, axis=1)
    # With the old first arm at 0, arms have values (0, effects) and covariance (0 border, V).
    values = np.concatenate([np.zeros((len(arms), 1)), effects], axis=1)
    bordered = np.zeros((len(arms), p, p))
    bordered[:, 1:, 1:] = covariance
    rows = np.arange(len(arms))[:, None]
    values = values[rows, order]
    bordered = bordered[rows[..., None], order[:, :, None], order[:, None, :]]
    first = bordered[:, :1, :1]
    turned = bordered[:, 1:, 1:] - bordered[:, 1:, :1] - bordered[:, :1, 1:] + first
    return Block(study, arms[rows, order], values[:, 1:] - values[:, :1], turned)


def _require_positive_definite(found: NetworkStudies) -> None:
    for block in found.blocks:
        scale = np.sqrt(np.einsum("spp->sp", block.covariance))
        relative = block.covariance / (scale[:, :, None] * scale[:, None, :])
        smallest = np.linalg.eigvalsh(relative)[:, 0]
        if (bad := np.flatnonzero(~(smallest > 1e-10))).size:
            names = ", ".join(found.labels[block.study[i]] for i in bad)
            raise InputError(contradicting_errors(names))


def contradicting_errors(names: str) -> str:
    """What is said of standard errors of one study that no data can give."""
    return (
        f"the standard errors of {names} contradict each other (an arm would have a negative variance); "
        "allowed: those of the contrasts of one study with several arms"
    )


def label_text(value: Any) -> str:
    """A label as text: 1.0, as tables with gaps give it, is 1."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Names by the alphabet, whole numbers in them by size.

    >>> in_order(["10", "9", "b", "A"])
    ('9', '10', 'A', 'b')
    """

    def key(name: str) -> tuple[object, ...]:
        number = _WHOLE_NUMBER.fullmatch(name)
        return (0, int(name), name) if number else (1, name.casefold(), name)

    return tuple(sorted(names, key=key))


def connected_parts(n: int, arms_of: Iterable[Sequence[int]]) -> list[list[int]]:
    """Sets of places that chains of studies link, each rising, the largest first."""
    group = list(range(n))

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    for arms in arms_of:
        for other in arms[1:]:
            group[root(other)] = root(arms[0])
    parts: dict[int, list[int]] = {}
    for i in range(n):
        parts.setdefault(root(i), []).append(i)
    return sorted(parts.values(), key=lambda part: (-len(part), part))
