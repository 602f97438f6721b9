"""Outlets put together from development articles that readers know: artificial-prevalence protocol."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.correction import Correction
from framing.counts import ALL, Counted, GroupCounts
from framing.development import Development
from framing.draws import estimate_group
from framing.errors import FramingError
from training.coverage import Case, summarise
from training.quantifiers import Quantifiers

Counts = NDArray[np.int64]
LEARNED = 45  # of the development articles; outlets are drawn from the others
SIZE = 15  # articles of an outlet, no article twice
LEAST = 10  # of them, where too few articles carry the code
MIXES = (0.0, 0.15, 0.3, 0.5, 0.75, 1.0)  # share of an outlet's articles that carry the code


@dataclass(frozen=True)
class _Split:
    """Development articles that are learned from, and those that outlets are drawn from."""

    learned: Counts
    drawn: Counts


def measure_pseudo_outlets(development: Development, *, splits: int, draws: int, seed: int) -> dict[str, Any]:
    """Compare ways of estimating a rate on real articles whose rate is known.

    Each split learns the errors from 45 of the articles. From the others outlets are drawn in which more and
    more articles carry a code; the truth is what readers found in these very articles. Intervals speak of
    an outlet's articles at large and hold its drawn articles' share more often than 95 times in 100.

    Nothing of the correction was chosen here but `framing.correction.LEAST_SEPARATION`: a first look showed
    that codes below it came out no nearer to the truth than counts.

    Raises:
        FramingError: No code can be corrected.
    """
    cases: list[Case] = []
    skipped = {
        code: reason
        for code, reason in zip(development.codes, Correction(development).reasons, strict=True)
        if reason is not None
    }
    codes = [column for column, code in enumerate(development.codes) if code not in skipped]
    if not codes:
        raise FramingError("no code of this model can be corrected: there is nothing to measure")
    articles = development.voices.shape[0]
    for number in range(splits):
        rng = np.random.default_rng([seed, number])
        order = rng.permutation(articles)
        split = _Split(order[:LEARNED], order[LEARNED:])
        correction = Correction(_keep(development, split.learned))
        for column in codes:
            cases += _draw_cases(development, split, correction, column, rng, draws)
    return {
        "what": "outlets drawn from development articles that the errors were not learned from",
        "weights_sha256": development.weights_sha256,
        "corpus": development.corpus,
        "splits": splits,
        "draws": draws,
        "seed": seed,
        "articles_learned_from": LEARNED,
        "articles_of_an_outlet": SIZE,
        "not_corrected": skipped,
        **summarise(cases),
    }


def _keep(development: Development, articles: Counts) -> Development:
    """Some articles only, numbered anew."""
    kept = np.sort(articles)
    rows = np.isin(development.article, kept)
    return replace(
        development,
        article=np.searchsorted(kept, development.article[rows]),
        scores=development.scores[rows],
        labelled=development.labelled[rows],
        gold=development.gold[rows],
        voices=development.voices[kept],
    )


def _draw_cases(
    development: Development,
    split: _Split,
    correction: Correction,
    column: int,
    rng: np.random.Generator,
    draws: int,
) -> Iterator[Case]:
    if correction.reasons[column] is not None:
        return
    carries = np.bincount(development.article, development.gold[:, column] == 1) > 0
    carrying, free = split.drawn[carries[split.drawn]], split.drawn[~carries[split.drawn]]
    learned = np.isin(development.article, split.learned)
    others = Quantifiers(
        development.scores[learned, column],
        development.labelled[learned, column],
        development.gold[learned, column] == 1,
    )
    for mix in MIXES:
        some = rng.permutation(carrying)[: round(mix * SIZE)]
        chosen = np.concatenate([some, rng.permutation(free)[: SIZE - len(some)]])
        if len(chosen) < LEAST:
            continue
        rows = np.isin(development.article, chosen)
        counts, counted = _count(development, chosen, development.codes)
        code = development.codes[column]
        estimates = estimate_group(counts, counted, correction, draws=draws, seed=int(rng.integers(2**31)))
        scores, labelled = development.scores[rows, column], development.labelled[rows, column]
        truth = float((development.gold[rows, column] == 1).mean())
        methods = others.estimate(scores, labelled) | {"summed": float(scores.mean())}
        yield Case(code, ALL, estimates[column], truth, None, methods)


def _count(development: Development, articles: Counts, codes: Sequence[str]) -> tuple[GroupCounts, Counted]:
    rows = np.isin(development.article, articles)
    place = np.searchsorted(np.sort(articles), development.article[rows])
    scores, labelled = (
        np.stack([np.bincount(place, values[rows, column]) for column in range(len(codes))])
        for values in (development.scores, development.labelled)
    )
    ids = tuple(map(str, np.sort(articles).tolist()))
    counts = GroupCounts(
        "outlet", ids, np.bincount(place), labelled.astype(np.int64), scores.astype(np.float64)
    )
    return counts, Counted((), tuple(codes), (ALL,))
