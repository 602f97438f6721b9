"""Two collections of articles set against each other: log odds ratio, interval, p, for many at once.

Everything comes from sums over articles, so that outlets, their rests and pairs are sums and differences.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING

from framing.estimates import LEVEL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framing.counts import Counts, Floats

PRIOR = 1  # sentences of the rarer kind, with or without the code, that the prior counts on each side
LEAST = 5  # articles that each side needs, and that have to carry the code on both sides together
POWERS = ((0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (3, 0))  # of positives, sentences


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Sums over the articles of collections; two of them add up and subtract.

    Attributes:
        articles: (collections, 1), how many articles.
        carrying: (collections, codes), how many of them carry a code.
        powers: (9, collections, codes), sums over articles of positives^i × sentences^j, as in `POWERS`.
    """

    articles: Floats
    carrying: Floats
    powers: Floats

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.articles + other.articles, self.carrying + other.carrying, self.powers + other.powers
        )

    def __sub__(self, other: Sums) -> Sums:
        return Sums(
            self.articles - other.articles, self.carrying - other.carrying, self.powers - other.powers
        )

    def take(self, places: Counts) -> Sums:
        """The collections at these places."""
        return Sums(self.articles[places], self.carrying[places], self.powers[:, places])

    def total(self) -> Sums:
        """All collections as one."""
        return Sums(*(part.sum(-2, keepdims=True) for part in (self.articles, self.carrying, self.powers)))

    @property
    def sentences(self) -> Floats:
        """(collections, codes), the same for each code."""
        return self._sum(0, 1)

    @property
    def positives(self) -> Floats:
        """(collections, codes), sentences that carry a code."""
        return self._sum(1, 0)

    def residuals(self, rate: Floats, power: int) -> Floats:
        """Sums over articles of (positives − rate × sentences)^power, power 2 or 3, (collections, codes)."""
        terms = [comb(power, j) * (-rate) ** j * self._sum(power - j, j) for j in range(power + 1)]
        return terms[0] + sum(terms[1:])

    def _sum(self, positives: int, sentences: int) -> Floats:
        found: Floats = self.powers[POWERS.index((positives, sentences))]
        return found


def sum_articles(positives: Counts, sentences: Counts) -> Sums:
    """The sums of one collection.

    Args:
        positives: Sentences that carry each code, codes × articles.
        sentences: Sentences of each article, articles.
    """
    import numpy as np

    y, n = positives.astype(np.float64), np.broadcast_to(sentences.astype(np.float64), positives.shape)
    powers = np.stack([(y**i * n**j).sum(-1) for i, j in POWERS])
    return Sums(np.array([[float(len(sentences))]]), (y > 0).sum(-1, dtype=np.float64)[None], powers[:, None])


def stack(sums: list[Sums]) -> Sums:
    """Several collections in one."""
    import numpy as np

    return Sums(
        np.concatenate([one.articles for one in sums]),
        np.concatenate([one.carrying for one in sums]),
        np.concatenate([one.powers for one in sums], axis=1),
    )


@dataclass(frozen=True, slots=True, eq=False)
class LogOdds:
    """Contrasts of collections, each (collections, codes).

    Attributes:
        log_odds: Above 0 where the first has the code more often.
        low: Lower end of the 95 % interval.
        high: Upper end of it.
        p: In (0, 1].
        enough: False where there is too little data: nothing else of that contrast is to be used.
    """

    log_odds: Floats
    low: Floats
    high: Floats
    p: Floats
    enough: NDArray[np.bool_]


def contrast(first: Sums, second: Sums, design: Floats) -> LogOdds:
    """Sets collections of articles against others, for each code.

    The measure is the log odds ratio with an informative Dirichlet prior of Monroe, Colaresi & Quinn (2008),
    "Fightin' Words", Political Analysis 16(4), equations 15 to 20, in its case of two categories: a sentence
    carries the code or not. The prior has the rate of both sides together, and adds to each one sentence that
    carries the code with as many others as go with it (the other way round for codes in more than half):
    it bears on rare codes and small collections only. Their variance takes sentences as independent; here
    each side's is multiplied by its design effect: the greatest of 1, of the side's own (by articles, the
    linearised variance of a ratio in Cochran 1977, "Sampling Techniques", section 6.3, over that of
    independent sentences), and of `design`. Degrees of freedom are Welch's, with articles for observations.

    `p` is the greater of two. One is that of log_odds over its error, by Student's t; it allows for
    collections that vary unlike each other, but is rough for rare codes. The other exchanges articles between
    the two sides at random, which is exact where all articles are alike; the distribution over all exchanges
    is not drawn but approximated from its mean, variance and skewness, which are known, by a Pearson type III
    (Winkler et al. 2016, "Faster permutation inference in brain imaging", NeuroImage 141, section 2.3.5).

    Args:
        first: Collections.
        second: What each is set against; shares no article with it.
        design: Design effect of each code over all collections, (codes,).
    """
    import numpy as np
    from scipy.special import stdtr, stdtrit

    both = first + second
    enough = np.minimum(first.articles, second.articles) >= LEAST
    enough = enough & (both.carrying >= LEAST) & (both.positives < both.sentences)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = both.positives / both.sentences
        weight = PRIOR / np.minimum(rate, 1 - rate)
        sides = [_side(one, rate, weight, design) for one in (first, second)]
        (odds, variance, freedom), (other, spread, free) = sides
        error = np.sqrt(variance + spread)
        degrees = (variance + spread) ** 2 / (variance**2 / freedom + spread**2 / free)
        found = odds - other
        by_t = 2 * stdtr(degrees, -np.abs(found / error))
        reach = stdtrit(degrees, (1 + LEVEL) / 2) * error
        p = np.maximum(by_t, _exchange(first, both, rate))
    return LogOdds(found, found - reach, found + reach, p, enough)


def design_effects(sums: Sums) -> Floats:
    """The design effect of each code within all collections, (codes,): by articles against by sentences."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        found, simple = _variances(sums)
        used = (sums.articles >= 2) & np.isfinite(found)
        effect = np.where(used, found, 0).sum(0) / np.where(used, simple, 0).sum(0)
    pooled: Floats = np.fmax(effect, 1)
    return pooled


def _side(side: Sums, rate: Floats, weight: Floats, design: Floats) -> tuple[Floats, Floats, Floats]:
    """Log odds, their variance, and its degrees of freedom."""
    import numpy as np

    found, simple = _variances(side)
    effect = np.fmax(found / simple, design)
    yes = side.positives + weight * rate
    no = side.sentences - side.positives + weight * (1 - rate)
    return np.log(yes / no), effect * (1 / yes + 1 / no), side.articles - 1


def _variances(sums: Sums) -> tuple[Floats, Floats]:
    """Variance of the positives by articles, and were sentences independent."""
    rate = sums.positives / sums.sentences
    found = sums.articles / (sums.articles - 1) * sums.residuals(rate, 2)
    return found, sums.sentences * rate * (1 - rate)


def _exchange(first: Sums, both: Sums, rate: Floats) -> Floats:
    """Two-sided p over all ways to draw so many articles from both sides.

    Moments of a sum drawn without replacement: Cochran 1977, section 2.6 and the third from Sukhatme (1938).
    """
    import numpy as np
    from scipy.stats import pearson3

    total, part = both.articles, first.articles
    fraction = part * (total - part) / (total * (total - 1))
    deviation = np.sqrt(fraction * both.residuals(rate, 2))
    third = fraction * (total - 2 * part) / (total - 2) * both.residuals(rate, 3)
    skew = third / deviation**3
    standard = (first.positives - rate * first.sentences) / deviation
    tails = np.minimum(pearson3.sf(standard, skew), pearson3.cdf(standard, skew))
    doubled: Floats = np.minimum(2 * tails, 1)
    return doubled
