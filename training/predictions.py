"""What a network says of gold articles, lined up with their gold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from framing.decisions import sigmoid, softmax
from framing.engine import Engine
from framing.errors import FramingError
from framing.evidence import bridge_spans, join_tokens
from framing.model import FramingConfig
from framing.records import Span
from framing.settings import Settings
from framing.tagging import TAGS
from framing.torch_engine import TorchEngine
from training.corpora import GoldArticle, merge_spans
from training.examples import TokenisedArticle, make_dev_windows
from training.metrics import Floats

Bools = NDArray[np.bool_]
ANY_BRIDGE = 5  # words between stretches of any code that count as one; chosen on PTC dev


@dataclass(frozen=True)
class Predictions:
    """Logits and gold of all sentences of some articles, article by article.

    Attributes:
        codes: What the columns stand for.
        logits: (sentences, codes), the label head's.
        gold: (sentences, codes); False where it is not known.
        known: (sentences, codes), whether it is known.
        article: (sentences,), position of the sentence's article in `articles`.
        tokens: For each article its tokens' places in the text.
        evidence: For each article (tokens, codes), the evidence head's logits.
        tags: For each article (tokens, 4), probabilities of `framing.tagging.TAGS`; empty arrays without
            an attribution head.
    """

    codes: tuple[str, ...]
    articles: tuple[GoldArticle, ...]
    logits: Floats
    gold: Bools
    known: Bools
    article: NDArray[np.int64]
    tokens: tuple[tuple[Span, ...], ...]
    evidence: tuple[Floats, ...]
    tags: tuple[Floats, ...]


def predict(engine: TorchEngine, articles: Sequence[TokenisedArticle], tokenizer: Tokenizer) -> Predictions:
    """Run a network over gold articles, in the windows that labelling cuts."""
    return predict_with(engine, cast(FramingConfig, engine.network.config), articles, tokenizer)


def predict_with(
    engine: Engine,
    config: FramingConfig | Settings,
    articles: Sequence[TokenisedArticle],
    tokenizer: Tokenizer,
) -> Predictions:
    """Run any engine over gold articles, as `predict`; `config` is its network's."""
    windows = make_dev_windows(articles, tokenizer, window=config.window, context=config.context)
    answers = iter(engine.run([w for ws in windows for w in ws]))
    logits, gold, known, owner, tokens, evidence, tags = [], [], [], [], [], [], []
    for number, (article, cuts) in enumerate(zip(articles, windows, strict=True)):
        places: list[Span] = []
        carried, tagged = [], []
        for window in cuts:
            answer = next(answers)
            logits.append(answer.labels[window.targets.start : window.targets.stop])
            for token, (place, sentence) in enumerate(zip(window.spans, window.sentence_ids, strict=True)):
                if place is not None and sentence in window.targets:
                    places.append(place)
                    carried.append(answer.evidence[token])
                    if answer.tags is not None:
                        tagged.append(answer.tags[token])
        for one in article.article.sentences:
            codes, sure = article.article.codes_of(one), article.article.known_of(one)
            gold.append([code in codes for code in config.codes])
            known.append([code in sure for code in config.codes])
            owner.append(number)
        tokens.append(tuple(places))
        evidence.append(np.asarray(carried, dtype=np.float64).reshape(len(places), len(config.codes)))
        tags.append(softmax(np.asarray(tagged, dtype=np.float64).reshape(-1, len(TAGS))))
    return Predictions(
        tuple(config.codes),
        tuple(a.article for a in articles),
        np.concatenate(logits).astype(np.float64),
        np.asarray(gold, dtype=bool),
        np.asarray(known, dtype=bool),
        np.asarray(owner),
        tuple(tokens),
        tuple(evidence),
        tuple(tags),
    )


def select(predictions: Predictions, codes: Sequence[str]) -> Predictions:
    """Keep some codes, and the articles whose every sentence was read for them.

    Raises:
        FramingError: If no article was.
    """
    columns = [predictions.codes.index(code) for code in codes]
    partly = np.bincount(predictions.article, weights=~predictions.known[:, columns].all(1)) > 0
    kept = np.flatnonzero(~partly)
    if not len(kept):
        raise FramingError(f"no development article is annotated for {', '.join(codes[:3])} …; add some")
    rows = np.isin(predictions.article, kept)
    return Predictions(
        tuple(codes),
        tuple(predictions.articles[a] for a in kept),
        predictions.logits[rows][:, columns],
        predictions.gold[rows][:, columns],
        predictions.known[rows][:, columns],
        np.searchsorted(kept, predictions.article[rows]),
        tuple(predictions.tokens[a] for a in kept),
        tuple(predictions.evidence[a][:, columns] for a in kept),
        tuple(predictions.tags[a] for a in kept),
    )


def any_score(probabilities: Floats) -> Floats:
    """Return the probability that a sentence carries at least one code, were the codes independent."""
    return np.asarray(1.0 - np.prod(1.0 - probabilities, axis=1))


def gold_spans(predictions: Predictions) -> list[list[Span]]:
    """Return each article's gold spans of any code, merged."""
    return [
        merge_spans([(s.start, s.end) for s in a.spans if s.code in predictions.codes])
        for a in predictions.articles
    ]


def evidence_spans(predictions: Predictions, threshold: float) -> list[list[Span]]:
    """Return each article's stretches of words that carry some code.

    A token counts from `threshold` on, a probability: that of carrying at least one code, were the codes
    independent.
    """
    spans = []
    for article, places, logits in zip(
        predictions.articles, predictions.tokens, predictions.evidence, strict=True
    ):
        carrying = any_score(sigmoid(logits))
        chosen = [place for place, value in zip(places, carrying, strict=True) if value >= threshold]
        spans.append(bridge_spans(join_tokens(chosen, article.text), article.text, ANY_BRIDGE))
    return spans


def evidence_within_labels(predictions: Predictions) -> tuple[Floats, Bools, Bools]:
    """Return evidence logits, gold, and whether the sentence truly carries the code; (tokens, codes) each."""
    logits, gold, carried = [], [], []
    for number, (article, places, evidence) in enumerate(
        zip(predictions.articles, predictions.tokens, predictions.evidence, strict=True)
    ):
        ends = [sentence.end for sentence in article.sentences]
        owner = np.searchsorted(ends, [start for start, _ in places], side="right")
        carries = predictions.gold[predictions.article == number][owner]
        marked = np.zeros_like(carries)
        for span in article.spans:
            if span.code in predictions.codes:
                inside = [span.start < end and start < span.end for start, end in places]
                marked[inside, predictions.codes.index(span.code)] = True
        logits.append(evidence)
        gold.append(marked)
        carried.append(carries)
    return np.concatenate(logits), np.concatenate(gold), np.concatenate(carried)
