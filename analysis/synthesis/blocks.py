"""Covariance matrices that fall into blocks: dependent effects in the same block, others apart.

Blocks of similar size are stacked and padded, so that one NumPy call serves a whole stack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True, slots=True)
class Stack:
    """Blocks of similar size.

    `index` (b, m) holds positions in the data, 0 where padded; `real` (b, m) says which are not
    padding; `pair` (b, m, m) marks pairs of real positions; `padding` (b, m, m) is the identity
    on padded positions.
    """

    index: np.ndarray
    real: np.ndarray
    pair: np.ndarray
    padding: np.ndarray

    def pick(self, values: np.ndarray) -> np.ndarray:
        """Rows of `values` (k, ...) as (b, m, ...), with zeros on padding."""
        shape = self.real.shape + (1,) * (values.ndim - 1)
        return values[self.index] * self.real.reshape(shape)

    def square(self, matrix: np.ndarray) -> np.ndarray:
        """The blocks of a (k, k) matrix, shape (b, m, m), with zeros on padding."""
        return matrix[self.index[:, :, None], self.index[:, None, :]] * self.pair


def blocks_of(k: int, covariance: np.ndarray, groupings: Sequence[np.ndarray]) -> tuple[Stack, ...]:
    """Find the blocks: effects that covary by sampling, or share a group, stand together.

    Parameters
    ----------
    covariance : ndarray, shape (k, k) or (k,)
        Sampling covariance matrix, or variances alone.
    groupings : sequence of ndarray of int, shape (k,)

    Examples
    --------
    >>> [stack.index.tolist() for stack in blocks_of(3, np.ones(3), [np.array([0, 1, 0])])]
    [[[1]], [[0, 2]]]
    """
    rows, columns = [np.arange(k)], [np.arange(k)]
    if covariance.ndim == 2:
        linked = np.nonzero(covariance)
        rows.append(linked[0])
        columns.append(linked[1])
    for grouping in groupings:
        first = {}
        starts = np.array([first.setdefault(group, i) for i, group in enumerate(grouping.tolist())])
        rows.append(np.arange(k))
        columns.append(starts)
    row, column = np.concatenate(rows), np.concatenate(columns)
    graph = coo_array((np.ones(len(row)), (row, column)), shape=(k, k)).tocsr()
    count, label = connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(label, minlength=count))[:-1])
    by_size: dict[int, list[np.ndarray]] = {}
    for block in members:
        by_size.setdefault(int(np.ceil(np.log2(len(block)))), []).append(block)
    return tuple(_stack(by_size[size]) for size in sorted(by_size))


def _stack(members: list[np.ndarray]) -> Stack:
    m = max(len(block) for block in members)
    index = np.zeros((len(members), m), dtype=np.intp)
    real = np.zeros((len(members), m), dtype=bool)
    for row, block in enumerate(members):
        index[row, : len(block)] = block
        real[row, : len(block)] = True
    pair = real[:, :, None] & real[:, None, :]
    padding = np.eye(m) * ~real[:, None, :]
    return Stack(index, real, pair, padding)
