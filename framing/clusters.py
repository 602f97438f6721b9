"""Groups of vectors that are close in what they say and in time, without all pairs in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framing.embeddings import Vectors

    Days = NDArray[np.float64]
    Numbers = NDArray[np.int64]

BLOCK = 256
LARGEST = 3000  # vectors whose pairs are held at once: some 200 MB
STEP = 0.05


def group_vectors(vectors: Vectors, days: Days, *, threshold: float, window: float) -> Numbers:
    """Groups vectors by average linkage on cosine similarity, cut at a threshold.

    Average linkage never joins two groups of which no pair reaches the threshold; so it is done within each
    connected part of the graph of pairs that do, with the same result as over all pairs. The graph is walked
    in blocks and not kept. A connected part of more than `LARGEST` is first split at higher thresholds.

    Args:
        vectors: (n, width), each of length 1.
        days: (n,), a day's number, or not a number where it is unknown.
        threshold: Least mean similarity of two groups that are joined.
        window: Two vectors further apart in days count as having nothing in common.

    Returns:
        (n,), the group of each vector, from 0.
    """
    import numpy as np

    groups: Numbers = np.zeros(len(vectors), dtype=np.int64)
    count = 0
    for part in _parts(vectors, days, threshold, window):
        numbers = _link(vectors[part], days[part], threshold, window)
        groups[part] = numbers + count
        count += int(numbers.max()) + 1
    return groups


def _parts(vectors: Vectors, days: Days, threshold: float, window: float) -> Iterator[Numbers]:
    """Yields the places of each connected part."""
    import numpy as np

    labels = _components(vectors, days, threshold, window)
    order = np.argsort(labels, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
        if len(part) <= LARGEST or threshold + STEP >= 1:
            yield part
        else:
            for piece in _parts(vectors[part], days[part], threshold + STEP, window):
                yield part[piece]


def _components(vectors: Vectors, days: Days, threshold: float, window: float) -> Numbers:
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(vectors)
    order = np.argsort(days, kind="stable")  # the unknown ones last
    dated = int(np.isfinite(days).sum())
    own = np.arange(count)
    labels: Numbers = own.astype(np.int64)
    for start in range(0, count, BLOCK):
        block = order[start : start + BLOCK]
        latest = days[block[-1]] + window
        end = int(np.searchsorted(days[order[:dated]], latest, side="right"))  # all of them, where unknown
        others = np.concatenate([order[start : max(end, start)], order[max(dated, start) :]])
        near = vectors[block] @ vectors[others].T >= threshold
        near &= ~(np.abs(days[block][:, None] - days[others][None]) > window)
        rows, columns = near.nonzero()
        edges = np.concatenate([block[rows], own]), np.concatenate([others[columns], labels])
        graph = coo_array((np.ones(len(edges[0]), dtype=bool), edges), shape=(count, count))
        found = connected_components(graph, directed=False)[1]
        first = np.unique(found, return_index=True)[1]  # the member that stands for its part
        labels = first.astype(np.int64)[found]
    return labels


def _link(vectors: Vectors, days: Days, threshold: float, window: float) -> Numbers:
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(vectors) == 1:
        return np.zeros(1, dtype=np.int64)
    apart = 1 - vectors @ vectors.T
    apart[np.abs(days[:, None] - days[None]) > window] = 1
    tree = linkage(squareform(apart, checks=False).clip(0), "average")
    groups: Numbers = fcluster(tree, 1 - threshold, "distance").astype(np.int64) - 1
    return groups
