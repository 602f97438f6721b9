"""Corrected shares of one outlet less those of others: what of a contrast is left after correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framing.bootstrap import MIN_ARTICLES, expanded_percentiles, too_few
from framing.correction import Correction
from framing.counts import Counted, Key
from framing.draws import NEVER, NO_VOICE, GroupDraws

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framing.counts import Counts, Floats


@dataclass(frozen=True, slots=True)
class CorrectedDifference:
    """How much larger a group's corrected share of a key is than that of others.

    Attributes:
        value: In [-1, 1]; nothing where the share is not corrected.
        low: Lower end of its 95 % interval, which holds the correction's own uncertainty.
        high: Upper end of it.
        reason: Why there is no difference, or no interval; else nothing.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """Several groups' corrected shares, summed with their sentences for weights.

    Attributes:
        sentences: Of all of them.
        articles: Of all of them.
        points: Shares × sentences, (columns,).
        draws: The same of each draw, (draws, columns).
    """

    sentences: float
    articles: int
    points: Floats
    draws: Floats


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedShares:
    """All groups' corrected shares, of the keys that are corrected. Made by `Gathering`.

    Attributes:
        columns: Where each of these keys stands.
        reasons: Why each of the other keys is not corrected.
        clusters: Development articles that carry each key's code, (columns,).
        sentences: Of each group, (groups,).
        articles: Of each group, (groups,).
        points: (groups, columns), in [0, 1].
        draws: (groups, draws, columns); row k of every group has the same draw of development articles.
    """

    columns: Mapping[Key, int]
    reasons: Mapping[Key, str]
    clusters: Counts
    sentences: Floats
    articles: Counts
    points: Floats
    draws: NDArray[np.float32]

    def together(self, places: Sequence[int]) -> Together:
        """The groups at these places as one."""
        weights = self.sentences[list(places)]
        draws = sum(weight * self.draws[place] for weight, place in zip(weights, places, strict=True))
        points = weights @ self.points[list(places)]
        return Together(float(weights.sum()), int(self.articles[list(places)].sum()), points, draws)

    def against_rest(self, place: int, circle: Together) -> dict[Key, CorrectedDifference]:
        """The group at this place against the rest of the groups that it is part of."""
        import numpy as np

        own = self.sentences[place]
        values, drawn = (
            share - (both - own * share) / (circle.sentences - own)
            for share, both in ((self.points[place], circle.points), (self.draws[place], circle.draws))
        )
        articles = min(int(self.articles[place]), circle.articles - int(self.articles[place]))
        few = too_few(articles)
        ends = np.zeros((len(values), 2))
        if articles >= MIN_ARTICLES:
            ends = expanded_percentiles(drawn, np.minimum(articles, self.clusters))
        found = {key: CorrectedDifference(reason=why) for key, why in self.reasons.items()}
        for key, at in self.columns.items():
            value, (low, high) = float(values[at]), ends[at].tolist()
            if why := few or (None if low < high else NEVER):
                found[key] = CorrectedDifference(value, reason=why)
            else:
                found[key] = CorrectedDifference(value, min(low, value), max(high, value))
        return found


class Gathering:
    """Keeps what differences need of the groups' draws, group by group.

    Args:
        counted: The groups.
        correction: What corrects them.
    """

    def __init__(self, counted: Counted, correction: Correction) -> None:
        self._counted = counted
        self._carrying = dict(zip(correction.codes, correction.carrying, strict=True))
        why = dict(zip(correction.codes, correction.reasons, strict=True))
        silent = () if correction.tells_voices else counted.voices[1:]
        self._reasons = {
            (code, voice): why[code] or NO_VOICE
            for code, voice in counted.keys
            if why[code] is not None or voice in silent
        }
        self._kept = [place for place, key in enumerate(counted.keys) if key not in self._reasons]
        self._points: list[Floats] = []
        self._draws: list[NDArray[np.float32]] = []

    def add(self, drawn: GroupDraws) -> None:
        """Adds the next of the groups."""
        self._points.append(drawn.point_corrected[self._kept])
        self._draws.append(drawn.corrected[:, self._kept].astype("float32"))

    def shares(self) -> CorrectedShares | None:
        """All that was added; nothing where no code can be corrected."""
        import numpy as np

        if not self._kept:
            return None
        keys = [self._counted.keys[place] for place in self._kept]
        groups = self._counted.groups
        return CorrectedShares(
            {key: at for at, key in enumerate(keys)},
            self._reasons,
            np.array([self._carrying[code] for code, _ in keys]),
            np.array([float(group.sentences.sum()) for group in groups]),
            np.array([len(group.articles) for group in groups]),
            np.stack(self._points),
            np.stack(self._draws),
        )
