"""Two collections of articles set against each other: log odds ratio, interval, p, for many at once.

Everything comes from sums over articles, so that outlets, their rests and pairs are sums and differences.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING

from framing.bootstrap import LEVEL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framing.counts import Counts, Floats

PRIOR = 1  # sentences of the rarer kind, with or without the code, that the prior counts on each side
LEAST = 5  # articles that each side needs, and that have to carry the code on both sides together
# Sums over articles of positives^i × sentences^(j/2): those of residuals squared, and of residuals over the
# root of the article's length to the powers 1 to 3.
SQUARED = ((2, 0), (1, 2), (0, 4))
SCALED = ((1, -1), (0, 1)), ((2, -2), (1, 0), (0, 2)), ((3, -3), (2, -1), (1, 1), (0, 3))
POWERS = (*SQUARED, *SCALED[0], *SCALED[1], *SCALED[2])


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Sums over the articles of collections; two of them add up and subtract.

    Attributes:
        articles: (collections, 1), how many articles.
        carrying: (collections, codes), how many of them carry a code.
        powers: (12, collections, codes), sums over articles of the products in `POWERS`.
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
        return self.sum_of(0, 2)

    @property
    def positives(self) -> Floats:
        """(collections, codes), sentences that carry a code."""
        return self.sum_of(1, 0)

    def residuals(self, rate: Floats, products: tuple[tuple[int, int], ...]) -> Floats:
        """Sums of powers of the residuals, positives − rate × sentences, (collections, codes).

        Args:
            rate: (collections, codes).
            products: The products of the power written out, as in `POWERS`.
        """
        power = len(products) - 1
        terms = [comb(power, k) * (-rate) ** k * self.sum_of(*product) for k, product in enumerate(products)]
        return terms[0] + sum(terms[1:])

    def sum_of(self, positives: int, halves: int) -> Floats:
        """Sums over articles of positives^i × sentences^(j/2), (collections, codes)."""
        found: Floats = self.powers[POWERS.index((positives, halves))]
        return found


def sum_articles(positives: Counts, sentences: Counts) -> Sums:
    """The sums of one collection.

    Args:
        positives: Sentences that carry each code, codes × articles.
        sentences: Sentences of each article, articles.
    """
    import numpy as np

    y, n = positives.astype(np.float64), np.broadcast_to(sentences.astype(np.float64), positives.shape)
    powers = np.stack([(y**i * n ** (j / 2)).sum(-1) for i, j in POWERS])
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


def contrast(first: Sums, second: Sums, correlation: Floats) -> LogOdds:
    """Sets collections of articles against others, for each code.

    The measure is the log odds ratio with an informative Dirichlet prior of Monroe, Colaresi & Quinn (2008),
    "Fightin' Words", Political Analysis 16(4), equations 15 to 20, in its case of two categories: a sentence
    carries the code or not. The prior has the rate of both sides together, and adds to each one sentence that
    carries the code with as many others as go with it (the other way round for codes in more than half):
    it bears on rare codes and small collections only. Their variance takes sentences as independent; here
    each side's is multiplied by its design effect, the greatest of three: 1; the side's own, by articles (the
    linearised variance of a ratio in Cochran 1977, "Sampling Techniques", section 6.3, over that of
    independent sentences); and that of articles of such lengths with the code's `correlation` (Kish 1965,
    "Survey Sampling", section 5.4). Degrees of freedom are Welch's, with articles for observations.

    `p` is the greater of two. One is that of log_odds over its error, by Student's t; it allows for
    collections that vary unlike each other, but is rough for rare codes. The other exchanges articles between
    the two sides at random, for which rare codes are no trouble. Its distribution is not drawn but
    approximated from mean, variance and skewness, which are known, by a Pearson type III (Winkler et al.
    2016, "Faster permutation inference in brain imaging", NeuroImage 141).

    Args:
        first: Collections.
        second: What each is set against; shares no article with it.
        correlation: How alike sentences of one article are in each code, (codes,); see `intraclass`.
    """
    import numpy as np
    from scipy.special import stdtr, stdtrit

    both = first + second
    enough = np.minimum(first.articles, second.articles) >= LEAST
    enough = enough & (both.carrying >= LEAST) & (both.positives < both.sentences)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = both.positives / both.sentences
        weight = PRIOR / np.minimum(rate, 1 - rate)
        sides = [_side(one, rate, weight, correlation) for one in (first, second)]
        (odds, variance, freedom), (other, spread, free) = sides
        error = np.sqrt(variance + spread)
        degrees = (variance + spread) ** 2 / (variance**2 / freedom + spread**2 / free)
        found = odds - other
        by_t = 2 * stdtr(degrees, -np.abs(found / error))
        reach = stdtrit(degrees, (1 + LEVEL) / 2) * error
        p = np.maximum(by_t, _exchange(first, second, rate))
    return LogOdds(found, found - reach, found + reach, p, enough)


def intraclass(sums: Sums) -> Floats:
    """The intraclass correlation of each code's sentences in articles, within collections, (codes,), >= 0."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        found, simple = _variances(sums)
        pairs = simple * (sums.sum_of(0, 4) / sums.sentences - 1)
        used = (sums.articles >= 2) & np.isfinite(found)
        more, most = (np.where(used, part, 0).sum(0) for part in (found - simple, pairs))
        correlation: Floats = np.fmax(more / most, 0)
    return correlation


def _side(side: Sums, rate: Floats, weight: Floats, correlation: Floats) -> tuple[Floats, Floats, Floats]:
    """Log odds, their variance, and its degrees of freedom."""
    import numpy as np

    found, simple = _variances(side)
    usual = 1 + correlation * (side.sum_of(0, 4) / side.sentences - 1)
    effect = np.fmax(found / simple, usual)
    yes = side.positives + weight * rate
    no = side.sentences - side.positives + weight * (1 - rate)
    return np.log(yes / no), effect * (1 / yes + 1 / no), side.articles - 1


def _variances(sums: Sums) -> tuple[Floats, Floats]:
    """Variance of the positives by articles, and were sentences independent."""
    rate = sums.positives / sums.sentences
    found = sums.articles / (sums.articles - 1) * sums.residuals(rate, SQUARED)
    return found, sums.sentences * rate * (1 - rate)


def _exchange(first: Sums, second: Sums, rate: Floats) -> Floats:
    """Two-sided p of the first's positives over all ways to exchange scaled residuals between articles.

    An article's residual over the root of its length is put in the place of another's, where it is multiplied
    by the root of that one's length; the rate is fitted anew. The first's sum of residuals is then a linear
    permutation statistic, for whose variance see Hájek, Šidák & Sen (1999), "Theory of Rank Tests",
    section 3.3; the third moment is a product of third central sums in the same way.
    """
    import numpy as np
    from scipy.stats import pearson3

    both = first + second
    total, part = both.articles, first.sentences / both.sentences
    sums = [
        (1 - part) ** power * first.sum_of(0, power) + (-part) ** power * second.sum_of(0, power)
        for power in (1, 2, 3)
    ]
    scaled = [both.residuals(rate, products) for products in SCALED]
    roots, residuals = _central(total, *sums), _central(total, *scaled)
    deviation = np.sqrt(roots[0] * residuals[0] / (total - 1))
    skew = roots[1] * residuals[1] * total / ((total - 1) * (total - 2)) / deviation**3
    standard = (first.positives - rate * first.sentences - sums[0] * scaled[0] / total) / deviation
    tails = np.minimum(pearson3.sf(standard, skew), pearson3.cdf(standard, skew))
    doubled: Floats = np.where(deviation > 0, np.minimum(2 * tails, 1), 1)  # 0: all articles are alike
    return doubled


def _central(count: Floats, first: Floats, second: Floats, third: Floats) -> tuple[Floats, Floats]:
    """Second and third central sums of `count` numbers from the sums of their powers."""
    mean = first / count
    return second - mean * first, third - 3 * mean * second + 2 * mean**2 * first
