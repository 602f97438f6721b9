"""How well articles are grouped into stories, on settings chosen on other articles than those reported."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.articles import read_articles
from framing.clusters import group_vectors
from framing.copies import SIMILARITY, CopyFinder
from framing.embeddings import Embedder
from framing.encoder import MINILM
from framing.records import Article, Sentence
from framing.sentences import require_sentences
from framing.stories import LEAD, THRESHOLD, WINDOW, day_of, lead
from training.corpora import read_ptc
from training.polnear import read_polnear_articles
from training.story_corpora import read_basil, read_newswcl50

Floats = NDArray[np.float64]
LEADS = (0, 3, 5)
THRESHOLDS = (0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75)
SIMILARITIES = (0.4, 0.5, 0.6, 0.7, 0.8)
HOW = (
    "BASIL's stories are cut in two halves, the other news (PolNeAR and PTC) too. On each half the lead and "
    "the threshold are chosen that give the highest mean, with and without dates, of the pairwise F1, where "
    "a pair of a BASIL article and other news counts as wrong. Each half is reported at the choice of the "
    "other. What ships is best over both halves; NewsWCL50 and the articles of one story are reported at it."
)


@dataclass(frozen=True, slots=True)
class Told:
    """An article with the story that it is known to tell; nothing for other news."""

    article: Article
    story: str | None
    sentences: tuple[Sentence, ...]


def read_other_news(corpora: Path) -> list[Article]:
    """Reads PolNeAR, which has dates, and PTC, which has none."""
    ptc = [
        Article(f"ptc-{one.id}", "ptc", one.text)
        for part in ("train", "dev")
        for one in read_ptc(corpora / "ptc", part)
    ]
    return read_polnear_articles(corpora / "polnear") + ptc


def pair_counts(gold: Sequence[str | None], groups: Sequence[int]) -> dict[str, int]:
    """Counts pairs of articles: ``right`` (one story, one group), ``wrong``, ``missed``.

    Pairs of other news (gold is nothing) count nowhere; a pair with one of them can only be wrong.
    """
    labels = {name: at for at, name in enumerate(sorted({name for name in gold if name is not None}))}
    known = np.array([labels.get(name, -1) if name is not None else -1 for name in gold])
    found = np.asarray(groups)
    rows, columns = np.triu_indices(len(known), 1)
    counted = (known[rows] >= 0) | (known[columns] >= 0)
    same = (known[rows] == known[columns]) & counted
    together = (found[rows] == found[columns]) & counted
    outside = together & ((known[rows] < 0) | (known[columns] < 0))
    return {
        "right": int((same & together).sum()),
        "wrong": int((together & ~same).sum()),
        "missed": int((same & ~together).sum()),
        "wrong_with_other_news": int(outside.sum()),
    }


def f1(counts: Mapping[str, int]) -> float:
    """The F1 over pairs, in [0, 1]; 1 where there is nothing to find and nothing found."""
    all_pairs = 2 * counts["right"] + counts["wrong"] + counts["missed"]
    return 2 * counts["right"] / all_pairs if all_pairs else 1.0


class Bench:
    """Articles of known stories with other news, and their vectors by length of the lead."""

    def __init__(self, articles: Sequence[Article], embedder: Embedder, leads: Sequence[int] = LEADS) -> None:
        self.told = [Told(a, a.columns.get("story"), require_sentences(a)) for a in articles]
        self.days = np.array([day_of(one.article.date) for one in self.told])
        self.vectors = {
            length: embedder.embed(lead(one.article.title, one.sentences, length) for one in self.told)
            for length in leads
        }

    def group(
        self, places: NDArray[np.int64], length: int, threshold: float, *, dated: bool = True
    ) -> list[int]:
        """Groups some of the articles; `dated` says whether their dates are used."""
        days = self.days[places] if dated else np.full(len(places), np.nan)
        vectors = self.vectors[length][places]
        return [int(one) for one in group_vectors(vectors, days, threshold=threshold, window=WINDOW)]

    def counts(
        self, places: NDArray[np.int64], length: int, threshold: float, *, dated: bool
    ) -> dict[str, int]:
        """Pair counts of some of the articles; see `pair_counts`."""
        groups = self.group(places, length, threshold, dated=dated)
        return pair_counts([self.told[at].story for at in places], groups)


def choose(bench: Bench, places: NDArray[np.int64]) -> tuple[int, float, list[dict[str, float]]]:
    """Chooses lead and threshold on some of the articles; returns them and what each of the grid gave."""
    grid: list[dict[str, float]] = []
    for length, threshold in product(bench.vectors, THRESHOLDS):
        scores = [f1(bench.counts(places, length, threshold, dated=dated)) for dated in (True, False)]
        grid.append({"lead": length, "threshold": threshold, "dated": scores[0], "undated": scores[1]})
    best = max(grid, key=lambda row: row["dated"] + row["undated"])
    return int(best["lead"]), best["threshold"], grid


def measure_stories(
    corpora: Path, *, articles: Path | None = None, encoder: Path | None = None, threads: int | None = None
) -> dict[str, Any]:
    """Measures stories and copies on BASIL, NewsWCL50 and, where given, a folder of articles of one story.

    Args:
        corpora: Folder with `basil`, `newswcl50`, `polnear` and `ptc`.
        articles: Articles that tell one story, such as `shared/articles`.
        encoder: Folder of the base encoder, if not where it is looked for.
        threads: CPU threads; no figure depends on it.

    Returns:
        Figures only, no text.
    """
    from importlib.metadata import version

    basil, wcl = read_basil(corpora / "basil"), read_newswcl50(corpora / "newswcl50")
    one_story = list(read_articles([articles])) if articles else []
    other = read_other_news(corpora)
    bench = Bench([*basil, *wcl, *one_story, *other], Embedder(encoder, threads=threads))
    cuts = np.cumsum([len(basil), len(wcl), len(one_story)])
    parts = np.split(np.arange(len(bench.told)), cuts)
    return {
        "how": HOW,
        "encoder": MINILM.name,
        "versions": {name: version(name) for name in ("torch", "transformers", "scipy", "datasketch")},
        "shipped": {"lead": LEAD, "threshold": THRESHOLD, "window_days": WINDOW},
        "articles": {"basil": len(basil), "newswcl50": len(wcl), "other_news": len(other)},
        "basil": _basil(bench, parts[0], parts[3]),
        "newswcl50": _newswcl50(bench, parts[1], parts[3]),
        "one_story": _one_story(bench, parts[2], parts[3]) if one_story else None,
        "copies": _copies([bench.told[at] for at in parts[0]]),
    }


def _basil(bench: Bench, basil: NDArray[np.int64], other: NDArray[np.int64]) -> dict[str, Any]:
    stories = sorted({bench.told[at].story or "" for at in basil})
    halves = [
        np.array([at for at in basil if stories.index(bench.told[at].story or "") % 2 == half])
        for half in (0, 1)
    ]
    folds: list[dict[str, Any]] = []
    for half in (0, 1):
        length, threshold, grid = choose(bench, np.concatenate([halves[half], other[half::2]]))
        held = halves[1 - half]
        around = np.concatenate([held, other[1 - half :: 2]])
        reports = {
            f"{name}{'' if dated else '_undated'}": bench.counts(places, length, threshold, dated=dated)
            for name, places in (("alone", held), ("with_other_news", around))
            for dated in (True, False)
        }
        folds.append({"lead": length, "threshold": threshold, "grid": grid, "held_out": reports})
    pooled = {
        name: {key: sum(fold["held_out"][name][key] for fold in folds) for key in counts}
        for name, counts in folds[0]["held_out"].items()
    }
    return {"f1": {name: f1(counts) for name, counts in pooled.items()}, "pairs": pooled, "folds": folds}


def _newswcl50(bench: Bench, wcl: NDArray[np.int64], other: NDArray[np.int64]) -> dict[str, Any]:
    from sklearn.metrics import adjusted_rand_score

    gold = [bench.told[at].story for at in wcl]
    alone = bench.group(wcl, LEAD, THRESHOLD)
    around = bench.group(np.concatenate([wcl, other]), LEAD, THRESHOLD)
    return {
        "adjusted_rand": float(adjusted_rand_score(gold, alone)),
        "adjusted_rand_among_other_news": float(adjusted_rand_score(gold, around[: len(wcl)])),
        "other_news_in_their_stories": _outsiders(around, len(wcl)),
        "by_threshold": {
            str(threshold): float(adjusted_rand_score(gold, bench.group(wcl, LEAD, threshold)))
            for threshold in THRESHOLDS
        },
    }


def _one_story(bench: Bench, own: NDArray[np.int64], other: NDArray[np.int64]) -> dict[str, Any]:
    groups = bench.group(np.concatenate([own, other]), LEAD, THRESHOLD)
    return {
        "articles": len(own),
        "stories": len(set(groups[: len(own)])),
        "other_news": len(other),
        "other_news_in_it": _outsiders(groups, len(own)),
    }


def _outsiders(groups: Sequence[int], own: int) -> int:
    told = set(groups[:own])
    return sum(group in told for group in groups[own:])


def _copies(told: Sequence[Told]) -> dict[str, Any]:
    """Sentences marked as copies within BASIL's stories, and how many more if all were one story.

    True copies come from the same event; so what comes on top is mostly error, and bounds its share.
    """
    return {"shipped": SIMILARITY, "by_similarity": dict(_copy_rows(told))}


def _copy_rows(told: Sequence[Told]) -> Iterator[tuple[str, dict[str, int]]]:
    stories = {one.article.id: one.story or "" for one in told}
    numbers = {name: number for number, name in enumerate(sorted(set(stories.values())))}
    for similarity in SIMILARITIES:
        finder = CopyFinder(similarity=similarity)
        for one in told:
            finder.add(one.article.id, one.article.outlet, one.sentences)
        within = finder.find({article: numbers[story] for article, story in stories.items()})
        anywhere = finder.find(dict.fromkeys(stories, 0))
        yield (
            str(similarity),
            {
                "sentences": sum(len(one.sentences) for one in told),
                "copied_within_stories": sum(map(len, within.values())),
                "copied_if_all_were_one_story": sum(map(len, anywhere.values())),
            },
        )
