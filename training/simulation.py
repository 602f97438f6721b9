"""Outlets of known truth, made up with the errors of a model's development articles: do intervals cover?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.correction import Correction
from framing.counts import ALL, OWN, SOURCES, Counted, GroupCounts
from framing.development import Development
from framing.draws import estimate_group
from framing.errors import FramingError
from training.coverage import Case, summarise

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
SHARES = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
ARTICLES = (5, 10, 15, 30, 60)
ALIKE = 0.05  # correlation of two sentences of one article in carrying a code; dev's median is .03
OWN_SHARE = 0.6  # of the labels are in the outlet's own voice
VOICES = (ALL, OWN, SOURCES)


@dataclass(frozen=True)
class Pool:
    """What the model says of one code's development sentences.

    Attributes:
        code: The code.
        prevalence: Its share of the development sentences.
        sizes: Sentences of each development article.
        said: Scores and labels, (sentences, 2).
        first: For each article where its sentences without the code begin in `said`, and those with it,
            (articles, 2); where it has none of a kind, those of all articles.
        count: How many they are, (articles, 2).
    """

    code: str
    prevalence: float
    sizes: Counts
    said: Floats
    first: Counts
    count: Counts

    def rates(self) -> Floats:
        """Share of labels among sentences without the code and with it, articles weighing the same, (2,)."""
        labels = np.concatenate([[0], np.cumsum(self.said[:, 1])])
        held = (labels[self.first + self.count] - labels[self.first]) / self.count
        return np.asarray(held.mean(0))


def make_pools(development: Development) -> list[Pool]:
    """The pools of all codes that can be corrected.

    Raises:
        FramingError: There is none.
    """
    reasons = Correction(development).reasons
    pools = []
    for column, (code, reason) in enumerate(zip(development.codes, reasons, strict=True)):
        gold = development.gold[:, column]
        if reason is not None:
            continue
        read = np.unique(development.article[gold >= 0])
        rows: list[Counts] = []
        first, count = np.zeros((2, len(read), 2), dtype=np.int64)
        places = [(kind, np.flatnonzero(gold == kind)) for kind in (0, 1)]
        for kind, every in places:  # those of all articles come first of each kind
            begin = sum(len(part) for part in rows)
            first[:, kind], count[:, kind] = begin, len(every)
            rows.append(every)
            for number, article in enumerate(read):
                own = every[development.article[every] == article]
                if len(own):
                    first[number, kind], count[number, kind] = sum(len(part) for part in rows), len(own)
                    rows.append(own)
        said = np.stack([development.scores[:, column], development.labelled[:, column]], axis=1)
        sizes = np.bincount(development.article)[read]
        share = float((gold == 1).sum() / (gold >= 0).sum())
        pools.append(Pool(code, share, sizes, said[np.concatenate(rows)], first, count))
    if not pools:
        raise FramingError("no code of this model can be corrected: there is nothing to simulate")
    return pools


def draw_sentences(
    pool: Pool, share: float, sizes: Counts, rng: np.random.Generator
) -> tuple[NDArray[np.int8], Floats]:
    """Make up sentences of articles of these sizes: gold, and scores and labels, (sentences, 2).

    An article's own rate is drawn around `share`; its scores are those of one development article, drawn
    whatever that article's rate.
    """
    spread = 1 / ALIKE - 1
    owner = np.repeat(np.arange(len(sizes)), sizes)
    rates = rng.beta(share * spread, (1 - share) * spread, size=len(sizes))
    gold = (rng.random(len(owner)) < rates[owner]).astype(np.int8)
    model = rng.integers(len(pool.first), size=len(sizes))[owner]
    rows = pool.first[model, gold] + (rng.random(len(owner)) * pool.count[model, gold]).astype(np.int64)
    return gold, pool.said[rows]


def draw_development(pools: Sequence[Pool], like: Development, rng: np.random.Generator) -> Development:
    """Make up development articles, as many as there are, of the codes' development prevalence.

    Voices err as on the development labels.
    """
    articles = like.voices.shape[0]
    sizes = rng.choice(pools[0].sizes, size=articles)
    parts = [draw_sentences(pool, pool.prevalence, sizes, rng) for pool in pools]
    said = np.stack([part for _, part in parts], axis=1)
    return Development(
        tuple(pool.code for pool in pools),
        np.repeat(np.arange(articles), sizes),
        said[:, :, 0],
        said[:, :, 1] > 0,
        np.stack([gold for gold, _ in parts], axis=1),
        like.voices[rng.integers(articles, size=articles)],
        "made up",
        "",
        "",
    )


def confuse_voices(development: Development) -> Floats:
    """Share of development labels that are given the outlet's voice: its own words', its sources', (2,)."""
    told = development.voices.sum(0)
    return np.asarray(told[:, 0] / told.sum(1))


def draw_outlet(
    pools: Sequence[Pool],
    shares: Sequence[float],
    articles: int,
    confusion: Floats,
    rng: np.random.Generator,
    name: str = "outlet",
) -> GroupCounts:
    """Make up an outlet's articles; a true share for each of the pools' codes."""
    sizes = rng.choice(pools[0].sizes, size=articles)
    owner = np.repeat(np.arange(articles), sizes)
    positives, scores = [], []
    for pool, share in zip(pools, shares, strict=True):
        _, said = draw_sentences(pool, share, sizes, rng)
        labels = np.bincount(owner, said[:, 1], articles).astype(np.int64)
        own = rng.binomial(labels, OWN_SHARE)
        given = rng.binomial(own, confusion[0]) + rng.binomial(labels - own, confusion[1])
        positives += [labels, given, labels - given]
        scores.append(np.bincount(owner, said[:, 0], articles))
    ids = tuple(map(str, range(articles)))
    return GroupCounts(name, ids, sizes, np.stack(positives), np.stack(scores))


def simulate(
    development: Development, *, worlds: int, draws: int, seed: int, articles: Sequence[int] = ARTICLES
) -> dict[str, Any]:
    """Measure coverage and error where the truth is known.

    Every world draws development articles anew, learns the correction from them, and draws outlets of
    every true share in `SHARES` and every number of `articles`.
    """
    pools = make_pools(development)
    confusion = confuse_voices(development)
    cases: list[Case] = []
    for world in range(worlds):
        rng = np.random.default_rng([seed, world])
        correction = Correction(draw_development(pools, development, rng))
        for count in articles:
            for share in SHARES:
                outlet = draw_outlet(pools, [share] * len(pools), count, confusion, rng)
                cases += _cases(outlet, pools, share, correction, draws, world)
    return {
        "what": "outlets made up with the errors of the development articles; the truth is known",
        "weights_sha256": development.weights_sha256,
        "worlds": worlds,
        "draws": draws,
        "seed": seed,
        "codes": [pool.code for pool in pools],
        "own_voice_share": OWN_SHARE,
        "correlation_within_articles": ALIKE,
        **summarise(cases),
    }


def _cases(
    outlet: GroupCounts, pools: Sequence[Pool], share: float, correction: Correction, draws: int, seed: int
) -> Iterator[Case]:
    counted = Counted((), tuple(pool.code for pool in pools), VOICES)
    found = estimate_group(outlet, counted, correction, draws=draws, seed=seed)
    reasons = dict(zip(correction.codes, correction.reasons, strict=True))
    plain = outlet.scores.sum(1) / outlet.sentences.sum()
    for (code, voice), estimate in zip(counted.keys, found, strict=True):
        if voice == SOURCES or reasons[code] is not None:
            continue
        part = 1.0 if voice == ALL else OWN_SHARE
        pool = pools[counted.codes.index(code)]
        rates = pool.rates()
        labelled = float((1 - share) * rates[0] + share * rates[1]) if voice == ALL else None
        summed = float(plain[counted.codes.index(code)]) if voice == ALL else None
        yield Case(
            code, voice, estimate, share * part, labelled, {} if summed is None else {"summed": summed}
        )
