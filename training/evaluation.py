"""The figures of a model on gold articles, with intervals over articles."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.decisions import Decisions, load_decisions, sigmoid
from framing.encoder import base_folder
from framing.errors import FramingError
from framing.model_folder import hash_weights, load_model
from framing.torch_engine import TorchEngine, choose_device
from framing.weights import load_network
from framing.windows import load_tokenizer
from training.annotation import annotate, read_settled
from training.attribution_scores import evaluate_attributions
from training.bias import evaluate_bias
from training.calibration import Decided
from training.config import scored_families
from training.corpora import READERS, read_attributed
from training.examples import TokenisedArticle
from training.intervals import FEW_DRAWS, Figure, draw_articles, figure, resampled_rows
from training.metrics import BinaryDetection, Floats, MultiLabel, SpanIdentification, flatten, score_spans
from training.predictions import Bools, Predictions, any_score, evidence_spans, gold_spans, predict, select
from training.scores import best_threshold
from training.voice_scores import pair_voices, score_voices

BINS = 15
LEAST_SCORES = (0.0, 0.3, 0.5, 0.7)  # of the labels that are looked at; 0 for all that are given


def evaluate_model(
    model: Path,
    corpus: str,
    path: Path,
    part: str,
    *,
    annotations: Sequence[str] = (),
    encoder: Path | None = None,
    seed: int = 1,
) -> dict[str, Any]:
    """Score a model folder on a part of a corpus, with the decisions that it ships with.

    Devices are scored where `annotations` names files of `training/annotations` that hold their gold.

    Raises:
        FramingError: If the model or the corpus is not there.
    """
    network = load_network(model, encoder)
    tokenizer = load_tokenizer(base_folder(model, encoder))
    engine = TorchEngine(network, choose_device("cpu"))
    if corpus == "polnear":
        if not network.config.attribution:
            raise FramingError(f"{model}: has no attribution head, expected one for the corpus polnear")
        pairs = read_attributed(path, part)
        found = predict(engine, [TokenisedArticle(a, tokenizer) for a, _ in pairs], tokenizer)
        gold = [attributed for _, attributed in pairs]
        return {"corpus": corpus, "part": part, "attributions": evaluate_attributions(found, gold, seed=seed)}
    if corpus == "babe":
        bias = evaluate_bias(engine, tokenizer, path, seed=seed)
        return {"corpus": corpus, "weights_sha256": hash_weights(model), "bias": bias}
    read = [one for one in read_settled(annotations) if (one.corpus, one.part) == (corpus, part)]
    articles = annotate(READERS[corpus](path, part), part, read)
    if not any(article.known or article.known_here for article in articles):
        raise FramingError(f"{corpus} {part}: nobody's labels of it, expected ours; name them: --annotations")
    predictions = predict(engine, [TokenisedArticle(a, tokenizer) for a in articles], tokenizer)
    families = {
        name: select(predictions, own) for name, own in scored_families(predictions.codes, bool(read)).items()
    }
    decisions = load_decisions(model, predictions.codes)
    report = {
        "corpus": corpus,
        "weights_sha256": hash_weights(model),
        "families": {name: _evaluate_family(found, decisions, seed) for name, found in families.items()},
        "spans": evaluate_spans(next(iter(families.values())), decisions.any_evidence, seed=seed),
    }
    if read and network.config.attribution:
        whole = load_model(model, engine="torch", device="cpu", encoder=encoder)
        voices = pair_voices(whole, articles, read)
        report["voices"] = score_voices([one for one in voices if one is not None], seed=seed)
    return report


def _evaluate_family(found: Predictions, decisions: Decisions, seed: int) -> dict[str, Any]:
    probabilities = decisions.calibrate(found.logits, found.codes)
    chosen = np.asarray(probabilities >= decisions.thresholds(found.codes))
    return evaluate_labels(found, Decided(probabilities, chosen), seed=seed)


def evaluate_labels(predictions: Predictions, decided: Decided, *, seed: int) -> dict[str, Any]:
    """Score decisions about sentences: any code, all codes, each code, and calibration.

    Returns:
        Figures as ``{"value", "low", "high"}`` (95 % percentile bootstrap over articles), and tables.
        What is said of "any" is about the network's own probability of any code. ``any_f1`` is that of a
        threshold on it, and missing where none was chosen, as ``calibration_error_any`` is without a curve;
        ``any_label_f1`` that of "at least one label was given". What ends in ``best_threshold`` is judged
        by thresholds chosen on these same articles, as published systems give their development figures.
    """
    gold, article = predictions.gold, predictions.article
    score, carries = any_score(sigmoid(predictions.logits)), np.asarray(gold.any(1))
    counts = _counts(gold, decided.chosen, article)
    detection = BinaryDetection().compute(predictions=score, references=carries.astype(int))
    labels = MultiLabel().compute(predictions=decided.chosen.astype(int), references=gold.astype(int))
    draws = draw_articles(len(predictions.articles), seed)

    def any_f1(chosen: Bools) -> Figure:
        each = _counts(carries[:, None], chosen[:, None], article)
        return figure(_micro(each.sum(0)), [_micro(each[d].sum(0)) for d in draws])

    average_precision = [
        BinaryDetection()._compute(score[rows], carries[rows])["average_precision"]
        for rows in resampled_rows(article, draws[:FEW_DRAWS])
    ]
    return {
        "sentences": len(gold),
        "articles": len(predictions.articles),
        "sentences_with_any": int(carries.sum()),
        "any_average_precision": figure(detection["average_precision"], average_precision),
        **({} if decided.any_chosen is None else {"any_f1": any_f1(decided.any_chosen)}),
        "any_label_f1": any_f1(np.asarray(decided.chosen.any(1))),
        "any_f1_best_threshold": detection["best_f1"],
        **_optimistic(decided.probabilities, gold),
        "micro_f1": figure(labels["micro_f1"], [_micro(counts[d].sum(0)) for d in draws]),
        "macro_f1": figure(labels["macro_f1"], [float(_each(counts[d].sum(0)).mean()) for d in draws]),
        "calibration_error": expected_calibration_error(decided.probabilities.ravel(), gold.ravel()),
        **(
            {}
            if decided.any_probabilities is None
            else {"calibration_error_any": expected_calibration_error(decided.any_probabilities, carries)}
        ),
        "per_label": _per_label(predictions, decided, counts, draws),
        "by_score": _by_score(predictions, decided, draws),
        "reliability": reliability(decided.probabilities.ravel(), gold.ravel()),
    }


def _optimistic(probabilities: Floats, gold: Bools) -> dict[str, float]:
    """Micro F1 at the one threshold that is best for it, macro F1 at each code's own best one."""
    shared = probabilities >= best_threshold(probabilities, gold)
    own = probabilities >= [best_threshold(probabilities[:, c], gold[:, c]) for c in range(gold.shape[1])]
    micro, macro = (
        MultiLabel().compute(predictions=chosen.astype(int), references=gold.astype(int))
        for chosen in (shared, own)
    )
    return {"micro_f1_best_threshold": micro["micro_f1"], "macro_f1_best_threshold": macro["macro_f1"]}


def evaluate_spans(predictions: Predictions, threshold: float, *, seed: int) -> dict[str, Any]:
    """Score the evidence head as PTC scores span identification."""
    guess, gold = evidence_spans(predictions, threshold), gold_spans(predictions)
    found = SpanIdentification().compute(
        predictions=[flatten(s) for s in guess], references=[flatten(s) for s in gold]
    )
    draws = [
        score_spans([guess[i] for i in d], [gold[i] for i in d])["f1"]
        for d in draw_articles(len(gold), seed, FEW_DRAWS)
    ]
    return {
        "threshold": threshold,
        "precision": found["precision"],
        "recall": found["recall"],
        "f1": figure(found["f1"], draws),
    }


def expected_calibration_error(probabilities: Floats, gold: Bools) -> float:
    """Mean distance of stated and observed frequency over 15 bins of equal width (Naeini et al. 2015)."""
    rows = reliability(probabilities, gold)
    return float(sum(r["count"] * abs(r["stated"] - r["observed"]) for r in rows) / len(gold))


def reliability(probabilities: Floats, gold: Bools) -> list[dict[str, float]]:
    """Return stated and observed frequency for each bin of probability that holds anything."""
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    return [
        {
            "count": int((bins == b).sum()),
            "stated": float(probabilities[bins == b].mean()),
            "observed": float(gold[bins == b].mean()),
        }
        for b in range(BINS)
        if (bins == b).any()
    ]


def _per_label(
    predictions: Predictions, decided: Decided, counts: NDArray[np.int64], draws: NDArray[np.int64]
) -> list[dict[str, Any]]:
    total, sampled = _each(counts.sum(0)), np.array([_each(counts[d].sum(0)) for d in draws])
    rows = []
    for c, code in enumerate(predictions.codes):
        hits, guesses, golds = counts.sum(0)[c].tolist()
        rows.append(
            {
                "code": code,
                "gold": golds,
                "predicted": guesses,
                "precision": hits / guesses if guesses else 0.0,
                "recall": hits / golds if golds else 0.0,
                "f1": figure(float(total[c]), sampled[:, c].tolist()),
                "average_precision": BinaryDetection()._compute(
                    decided.probabilities[:, c], predictions.gold[:, c].astype(int)
                )["average_precision"]
                if golds
                else 0.0,
            }
        )
    return rows


def _by_score(predictions: Predictions, decided: Decided, draws: NDArray[np.int64]) -> list[dict[str, Any]]:
    """How often labels from a score on are right, and how many of all that are there they find."""
    rows = []
    for least in LEAST_SCORES:
        sure = decided.chosen & (decided.probabilities >= least)
        each = _counts(predictions.gold, sure, predictions.article).sum(1)
        (hits, guesses, golds), drawn = each.sum(0).tolist(), np.array([each[d].sum(0) for d in draws])
        rows.append(
            {
                "least": least,
                "predicted": guesses,
                "precision": figure(hits / max(guesses, 1), drawn[:, 0] / np.maximum(drawn[:, 1], 1)),
                "recall": figure(hits / max(golds, 1), drawn[:, 0] / np.maximum(drawn[:, 2], 1)),
            }
        )
    return rows


def _counts(gold: Bools, guess: Bools, article: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count hits, guesses and golds; (articles, codes, 3)."""
    each = np.stack([gold & guess, guess, gold], axis=-1).astype(np.int64)
    summed = np.zeros((int(article.max()) + 1, *each.shape[1:]), dtype=np.int64)
    np.add.at(summed, article, each)
    return summed


def _each(counts: NDArray[np.int64]) -> Floats:
    """F1 of each code from (codes, 3); 0 where nothing is there to find or was found."""
    both = counts[:, 1] + counts[:, 2]
    return np.asarray(2 * counts[:, 0] / np.maximum(both, 1))


def _micro(counts: NDArray[np.int64]) -> float:
    return float(_each(counts.sum(0, keepdims=True))[0])
