"""How far outlets lie apart in the mix of codes that they use, and a map of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from framing.bootstrap import expanded_percentiles
from framing.contrasts import PAIRED
from framing.counts import Counted
from framing.prevalence import Prevalence

if TYPE_CHECKING:
    from framing.correction import Correction
    from framing.counts import Floats
    from framing.draws import GroupDraws

LEAST_ARTICLES = 30  # with fewer the noise can't be told from a distance: see training/measurements
NOISE_DRAWS = 200  # enough for the mean of what chance gives
LEAST_CODES = 3
MAPPED = 200  # more groups have no map: it could not be read


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """How often a group uses each code of one voice, and what bootstrap draws give.

    Attributes:
        group: The outlet, or the values of what else the articles are grouped by.
        articles: Its articles.
        point: The estimates, (codes,), each in [0, 1]; corrected ones are what the slope alone gives, as the
            draws are (with more than 20 groups, those of the profile).
        draws: (draws, codes); all groups' draws stem from the same draws of the classifier's errors. Not
            used with more than 20 groups.
    """

    group: str
    articles: int
    point: Floats
    draws: Floats


@dataclass(frozen=True, slots=True)
class Distance:
    """Jensen–Shannon distance between two groups' mixes of codes.

    Attributes:
        group: The first by name.
        against: The second.
        voice: ``all``, ``outlet`` (own words) or ``sources`` (quoted or attributed).
        basis: ``corrected`` or ``observed``: which shares were compared.
        codes: How many codes entered: where corrected shares are compared, those corrected in all groups.
        distance: In [0, 1], 0 where both use the codes in the same proportions; what chance alone gives is
            subtracted. Nothing where there is too little data.
        low: Lower end of its 95 % interval, articles as clusters.
        high: Upper end of it.
        reason: Why there is no distance; else nothing.
    """

    group: str
    against: str
    voice: str
    basis: str
    codes: int
    distance: float | None
    low: float | None
    high: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a group lies on a map, in units of the distance."""

    group: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Map:
    """Groups in two dimensions, so that distances on the plane are near those between the mixes of codes.

    Attributes:
        voice: As in `Distance`.
        basis: As in `Distance`.
        places: Centred on 0; x is the direction in which the groups differ most.
        shown: Which part of the squared distances the plane shows, in [0, 1].
    """

    voice: str
    basis: str
    places: tuple[Place, ...]
    shown: float


def compare_groups(
    counted: Counted,
    estimates: Sequence[Sequence[Prevalence]],
    correction: Correction | None,
    *,
    draws: int,
    seed: int,
) -> tuple[tuple[Distance, ...], tuple[Map, ...]]:
    """Measures distances between groups and maps them, for each voice, of counted and of corrected shares.

    Corrected shares are compared where at least three codes are corrected in every group.

    Args:
        counted: What the articles of each group hold.
        estimates: Of each group, in the order of `counted.keys`; only used with more than 20 groups.
        correction: The classifier's errors that made the corrected ones, if any.
        draws: Bootstrap draws, of articles and of the classifier's errors.
        seed: Of the draws.

    Returns:
        By voice and basis: distances of pairs, with at most 20 groups, and maps; see `measure_distances`.
    """
    import numpy as np

    from framing.draws import draw_group

    distances: list[Distance] = []
    maps: list[Map] = []
    drawn: list[GroupDraws] = []
    if len(counted.groups) < 2:
        return (), ()
    if len(counted.groups) <= PAIRED:
        drawn = [draw_group(one, counted, correction, draws=draws, seed=seed) for one in counted.groups]
    for place, voice in enumerate(counted.voices):
        rows = slice(place, None, len(counted.voices))
        for basis in ("observed", "corrected"):
            point = "point_observed" if basis == "observed" else "point_slope"
            points: Sequence[Any] = [getattr(one, point)[rows] for one in drawn] or [
                [getattr(one, basis) for one in group[rows]] for group in estimates
            ]
            draws_of = [getattr(one, basis)[:, rows] for one in drawn]
            shares = _shares(counted, np.array(points, dtype=np.float64), draws_of)
            if basis == "observed" or len(shares[0].point) >= LEAST_CODES:
                between, placed = measure_distances(shares, voice, basis)
                distances += between
                maps += [placed] if placed else []
    return tuple(distances), tuple(maps)


def _shares(counted: Counted, points: Floats, drawn: Sequence[Floats]) -> list[Shares]:
    """The shares of the codes that have them in all groups; the others' are not a number."""
    import numpy as np

    known = np.flatnonzero(np.isfinite(points).all(0))
    drawn = drawn or [points[:0]] * len(points)
    return [
        Shares(group.group, len(group.articles), point[known], some[:, known])
        for group, point, some in zip(counted.groups, points, drawn, strict=True)
    ]


def measure_distances(shares: Sequence[Shares], voice: str, basis: str) -> tuple[list[Distance], Map | None]:
    """Measures the Jensen–Shannon distance of each pair of groups, and maps them.

    A group's shares are divided by their sum: compared is in which proportions codes are used, not how
    often. The distance is the square root of the divergence to base 2 (Endres & Schindelin 2003, "A new
    metric for probability distributions", IEEE Transactions on Information Theory 49(7)). Noise makes
    divergences too large, more so for small groups: what two groups of these sizes that do not differ
    would have on average is subtracted. That is taken from the bootstrap: both groups' deviations of each
    draw from their mean, added to the mean of both estimates. The interval has the spread of the draws (see
    `framing.bootstrap.expanded_percentiles`) about the estimate. How often it holds the truth is measured by
    `python -m training simulate`.

    Args:
        shares: Of each group.
        voice: Of which voice, as a label of the result.
        basis: Which shares they are, as a label of the result.

    Returns:
        Distances of the pairs (none with more than 20 groups), and the map; no map with fewer than three
        or more than 200 groups of 30 articles or more, or with no code in any. A map of more than 20 groups
        has their divergences as they are, noise included.
    """
    if len(shares) > PAIRED:
        return [], _map([one for one in shares if not _too_little(one)], {}, voice, basis)
    distances = [_distance(*pair, voice, basis) for pair in combinations(shares, 2)]
    squared = {(one.group, one.against): one.distance**2 for one in distances if one.distance is not None}
    return distances, _map([one for one in shares if not _too_little(one)], squared, voice, basis)


def _distance(one: Shares, other: Shares, voice: str, basis: str) -> Distance:
    import numpy as np

    names, codes = (one.group, other.group), len(one.point)
    if reason := _too_little(one) or _too_little(other):
        return Distance(*names, voice, basis, codes, None, None, None, reason)
    drawn = divergence(one.draws, other.draws)
    middle = (one.point + other.point) / 2
    alike = (np.clip(middle + side.draws[:NOISE_DRAWS] - side.draws.mean(0), 0, 1) for side in (one, other))
    noise = np.nanmean(divergence(*alike))  # a draw in which a group uses no code has no mix
    found = divergence(one.point, other.point) - noise
    kept = drawn[np.isfinite(drawn)]
    ends = (
        expanded_percentiles(kept[:, np.newaxis], min(one.articles, other.articles))[0] - kept.mean() + found
    )
    distance, low, high = np.sqrt(np.clip([found, *ends], 0, None)).tolist()
    return Distance(*names, voice, basis, codes, distance, low, high, None)


def _too_little(shares: Shares) -> str | None:
    if shares.articles < LEAST_ARTICLES:
        return f"no distance: {shares.group} has {shares.articles} articles, it takes {LEAST_ARTICLES}"
    if not shares.point.any():
        return f"no distance: {shares.group} uses none of the codes"
    return None


def _map(
    shares: Sequence[Shares], squared: Mapping[tuple[str, str], float], voice: str, basis: str
) -> Map | None:
    """The map, from squared distances by pair of names; where there are none, from the shares."""
    import numpy as np

    if not 3 <= len(shares) <= MAPPED:
        return None
    mixes = np.stack([one.point / one.point.sum() for one in shares])
    entropies = _entropy(mixes)
    between = np.zeros((len(shares), len(shares)))
    for place, one in enumerate(shares):
        between[place, place + 1 :] = (
            [squared[one.group, other.group] for other in shares[place + 1 :]]
            if squared
            else _gain(mixes[place], mixes[place + 1 :], entropies[place], entropies[place + 1 :])
        )
    axes, shown = place_groups(between + between.T)
    places = (Place(one.group, *at) for one, at in zip(shares, axes.tolist(), strict=True))
    return Map(voice, basis, tuple(places), shown)


def divergence(first: Floats, second: Floats) -> Floats:
    """Jensen–Shannon divergence to base 2 of two mixes, each divided by its sum; in [0, 1].

    Args:
        first: (…, codes), none negative; not a number where all are 0.
        second: The same.
    """
    import numpy as np

    with np.errstate(invalid="ignore"):
        one, other = (mix / mix.sum(-1, keepdims=True) for mix in (first, second))
    return _gain(one, other, _entropy(one), _entropy(other))


def place_groups(squared: Floats) -> tuple[Floats, float]:
    """Classical multidimensional scaling (Torgerson 1952, Psychometrika 17) into two dimensions.

    Args:
        squared: Squared distances, (groups, groups), symmetric.

    Returns:
        Coordinates (groups, 2), the same for the same input, each axis turned so that its largest is
        positive; and the part of the positive eigenvalues that they hold, in [0, 1].
    """
    import numpy as np

    centred = squared - squared.mean(0) - squared.mean(1)[:, None] + squared.mean()
    values, vectors = np.linalg.eigh(-centred / 2)
    values, vectors = values[::-1].clip(0), vectors[:, ::-1]
    axes = vectors[:, :2] * np.sqrt(values[:2])
    largest = axes[np.abs(axes).round(9).argmax(0), range(2)]
    total = values.sum()
    return axes * np.where(largest < 0, -1, 1), float(values[:2].sum() / total) if total else 1.0


def _gain(one: Floats, other: Floats, entropy: Floats, other_entropy: Floats) -> Floats:
    import numpy as np

    found: Floats = np.clip(_entropy((one + other) / 2) - (entropy + other_entropy) / 2, 0, 1)
    return found


def _entropy(mix: Floats) -> Floats:
    import numpy as np
    from scipy.special import entr

    bits: Floats = entr(mix).sum(-1) / np.log(2)
    return bits
