"""The user's own labels of a sample of sentences, and prediction-powered estimates from them.

A rate from the sample alone is unbiased but uncertain; the model's probabilities are certain but biased.
Prediction-powered inference (Angelopoulos et al. 2023, "Prediction-powered inference", Science 382; power
tuning: Angelopoulos, Duchi and Zrnic 2023, arXiv 2311.01453) takes from the probabilities as much as they
explain of the sample. Here whole articles are drawn, and sentences count by one over the probability that
they were sampled with.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.bootstrap import MIN_ARTICLES, expanded_percentiles
from framing.counts import ALL, Counted, GroupCounts
from framing.errors import FramingError
from framing.estimates import MIN_CARRYING
from framing.prevalence import Prevalence
from framing.records import LabelledSentence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


NO_VOICE = "not corrected: your labels do not say whose words they are"


@dataclass(frozen=True, slots=True)
class GoldSentence:
    """One sentence that somebody read.

    Attributes:
        labels: The codes it carries.
        probability: That it was sampled with, in (0, 1].
        text: What was read, where the sample says so.
    """

    labels: frozenset[str]
    probability: float
    text: str | None = None


class Gold:
    """A sample that somebody labelled, lined up with what the model says of it as the labels are read."""

    def __init__(self, sentences: Mapping[tuple[str, int], GoldSentence]) -> None:
        self._sentences = sentences
        self._met: dict[tuple[str, int], Mapping[str, float]] = {}

    def watch(self, labelled: Iterable[LabelledSentence]) -> Iterator[LabelledSentence]:
        """Pass labelled sentences on, and keep the model's scores of those in the sample.

        Raises:
            FramingError: A sentence of the sample is not among them or has another text there, or a code is
                not the model's.
        """
        for sentence in labelled:
            place = sentence.article_id, sentence.index
            if place in self._sentences:
                _check_text(self._sentences[place], sentence)
                if unknown := self._sentences[place].labels - sentence.scores.keys():
                    raise FramingError(
                        f"gold of article {place[0]!r}, sentence {place[1]}: code {sorted(unknown)[0]!r} is "
                        "not one that the model scores; correct it or leave it out"
                    )
                self._met[place] = sentence.scores
            yield sentence
        if missing := self._sentences.keys() - self._met.keys():
            article, index = min(missing)
            raise FramingError(
                f"gold: {len(missing)} sentences are not among the labels, first sentence {index} of article "
                f"{article!r}; give the labels file that the sample was drawn from"
            )

    def sums(self, articles: Sequence[str], codes: Sequence[str]) -> GoldSums:
        """Weighted sums of the sample by article, for some articles in their order."""
        import numpy as np

        place = {article: at for at, article in enumerate(articles)}
        weight = np.zeros(len(articles))
        count = np.zeros(len(articles), dtype=np.int64)
        gold, scores = np.zeros((2, len(codes), len(articles)))
        for (article, index), sentence in sorted(self._sentences.items()):
            if article not in place:
                continue
            at, each = place[article], 1 / sentence.probability
            weight[at] += each
            count[at] += 1
            gold[:, at] += [each * (code in sentence.labels) for code in codes]
            scores[:, at] += [each * self._met[article, index][code] for code in codes]
        return GoldSums(count, weight, gold, scores)


def _check_text(gold: GoldSentence, sentence: LabelledSentence) -> None:
    """Makes sure that the sentence read is the one labelled; white space may differ.

    Raises:
        FramingError: It is another.
    """
    if gold.text is not None and gold.text.split() != sentence.text.split():
        raise FramingError(
            f"gold of article {sentence.article_id!r}, sentence {sentence.index}: found the text "
            f"{_brief(gold.text)}, expected {_brief(sentence.text)} as in the labels; give the labels file "
            "that the sample was drawn from"
        )


def _brief(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")


@dataclass(frozen=True, slots=True)
class GoldSums:
    """Sums over the sampled sentences of each article.

    Attributes:
        count: Sentences, (articles,).
        weight: Sum of one over their probabilities, (articles,).
        gold: The same, of those that carry a code, (codes, articles).
        scores: The same, each times its score, (codes, articles).
    """

    count: NDArray[np.int64]
    weight: Floats
    gold: Floats
    scores: Floats


def estimate_from_gold(
    sums: GoldSums, scores: Floats, sentences: NDArray[np.int64], weights: Floats
) -> list[tuple[float, float, float] | None]:
    """Prediction-powered share of each code in one outlet, with its 95 % interval.

    Args:
        sums: Of the sampled sentences.
        scores: Sum of the scores of each article's sentences, (codes, articles).
        sentences: Of each article, (articles,).
        weights: How often each row holds each article, (rows, articles): row 0 once each, the others draws.

    Returns:
        For each code the share and the ends of its interval, or nothing where fewer than 10 articles were
        sampled or fewer than 5 of them carry the code: the sample alone says too little there.
    """
    import numpy as np

    sampled = int((sums.count > 0).sum())
    if sampled < MIN_ARTICLES:
        return [None] * len(scores)
    # A draw without any sampled article says nothing.
    weights = weights[(weights @ sums.weight) > 0]
    total = (weights @ sums.weight)[:, np.newaxis]
    read = weights @ sums.gold.T / total
    surplus = weights @ sums.scores.T / total - weights @ scores.T / (weights @ sentences)[:, np.newaxis]
    spread = surplus[1:].var(0)
    shared = ((read[1:] - read[1:].mean(0)) * (surplus[1:] - surplus[1:].mean(0))).mean(0)
    power = np.clip(shared / np.where(spread > 0, spread, 1), 0, 1)
    rows = np.clip(read - power * surplus, 0, 1)
    ends = expanded_percentiles(rows[1:], sampled)
    carrying = (sums.gold > 0).sum(1)
    return [
        (float(rows[0, at]), float(low), float(high)) if carrying[at] >= MIN_CARRYING and low < high else None
        for at, (low, high) in enumerate(ends)
    ]


def apply_gold(
    found: Sequence[Prevalence], gold: Gold, counts: GroupCounts, counted: Counted, weights: Floats
) -> list[Prevalence]:
    """Puts estimates from the user's labels in the place of the model's correction, where they suffice.

    Args:
        found: The estimates of one group, in the order of `counted.keys`.
        gold: The user's labels.
        counts: What the group's articles hold.
        counted: The codes and voices that its rows stand for.
        weights: As `framing.draws.draw_articles` gives them.
    """
    sums = gold.sums(counts.articles, counted.codes)
    shares = dict(
        zip(counted.codes, estimate_from_gold(sums, counts.scores, counts.sentences, weights), strict=True)
    )
    done = []
    for one, (code, voice) in zip(found, counted.keys, strict=True):
        share = shares[code]
        if share is None:
            done.append(one)
            continue
        value, low, high = share if voice == ALL else (None, None, None)
        done.append(
            replace(
                one,
                corrected=value,
                corrected_low=low,
                corrected_high=high,
                corrected_reason=None if voice == ALL else NO_VOICE,
                method="gold" if voice == ALL else None,
                doubt=None,
            )
        )
    return done


def read_gold(path: Path | str) -> Gold:
    """Reads a labelled sample: the JSONL of `framing sample`, filled in, or Label Studio's JSON export.

    Args:
        path: The file; rows whose labels are null are not read yet.

    Raises:
        FramingError: The file cannot be read, or a row is not labelled or not as expected.
    """
    path = Path(path)
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FramingError(f"{path}: cannot be read ({error}); expected a labelled sample") from None
    sentences: dict[tuple[str, int], GoldSentence] = {}
    unread: list[str] = []
    for where, row in _rows(path, text):
        try:
            labels = row["labels"]
            if labels is None:
                unread.append(where)
                continue
            place = str(row["article_id"]), int(row["index"])
            said = row.get("text")
            gold = GoldSentence(
                frozenset(map(str, labels)),
                float(row["probability"]),
                said if isinstance(said, str) else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise FramingError(
                f"{path}:{where}: {type(error).__name__} {error}; expected article_id, index, "
                "probability and labels, a list of codes"
            ) from None
        if isinstance(labels, str) or not 0 < gold.probability <= 1 or place in sentences:
            raise FramingError(
                f"{path}:{where}: expected labels as a list, a probability above 0 and at most "
                "1, and each sentence once"
            )
        sentences[place] = gold
    if unread or not sentences:
        first = f", first at {unread[0]}" if unread else ""
        raise FramingError(
            f"{path}: {len(unread)} sentences without labels{first}; give each a list of codes, [] where it "
            "carries none"
        )
    return Gold(sentences)


def _rows(path: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    where = "the list of tasks"
    try:
        if text.lstrip().startswith("["):
            for number, task in enumerate(json.loads(text), 1):
                where = f"task {number}"
                yield where, {**task["data"], "labels": _chosen(task)}
            return
        for number, line in enumerate(text.split("\n"), 1):  # splitlines cuts at U+2028 and U+0085, too
            where = f"line {number}"
            if line.strip():
                yield where, dict(_json(line))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FramingError(
            f"{path}:{where}: {type(error).__name__} {error}; expected JSONL as framing sample writes it, or "
            "the JSON that Label Studio exports"
        ) from None


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos}") from None


def _chosen(task: Mapping[str, Any]) -> list[str] | None:
    """The codes of a task's first annotation that was not cancelled; nothing where there is none."""
    kept = [one for one in task.get("annotations", ()) if not one.get("was_cancelled")]
    if not kept:
        return None
    found: dict[str, list[str]] = defaultdict(list)
    for result in kept[0]["result"]:
        found[result["from_name"]] += result["value"].get("choices", [])
    return found["labels"]
