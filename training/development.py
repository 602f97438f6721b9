"""Predictions on development articles, and the file of them that travels with a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from framing.decisions import DECISIONS, load_decisions
from framing.development import UNREAD, Development
from framing.encoder import base_folder, hash_file
from framing.model import FramingNetwork
from framing.model_folder import hash_weights, load_model
from framing.torch_engine import TorchEngine, choose_device
from framing.weights import load_network
from framing.windows import load_tokenizer
from training.annotation import annotate, read_settled
from training.calibration import Decided, cross_validate
from training.config import RunConfig, codes_by_family
from training.corpora import GoldArticle, read_corpus
from training.examples import TokenisedArticle
from training.predictions import Predictions, predict, select
from training.voice_scores import Pair, pair_voices

Voices = Sequence[list[Pair] | None]
"""For each article the annotated and the given voice of its labels; nothing where nobody looked."""


def predict_dev(
    config: RunConfig, corpora: Path, network: FramingNetwork, tokenizer: Tokenizer
) -> tuple[Predictions, dict[str, Predictions]]:
    """Run a network over a run's development articles.

    Returns:
        What it says of all of them, and for each family of codes of those that were read for it.
    """
    dev = read_corpus(config.data.dev, corpora, "dev")[: config.data.articles or None]
    articles = annotate(dev, "dev", read_settled(config.data.annotations))
    tokenised = [TokenisedArticle(article, tokenizer) for article in articles]
    predictions = predict(TorchEngine(network, choose_device("cpu")), tokenised, tokenizer)
    families = {name: select(predictions, codes) for name, codes in codes_by_family(config).items()}
    return predictions, families


@dataclass(frozen=True)
class Judged:
    """What was decided of a run's development articles.

    Attributes:
        families: For each family of codes its articles and what was decided of them, cross-validated.
        voices: The annotated and the given voice of the labels that the whole model rightly gives.
        development: What travels with the model.
    """

    families: dict[str, tuple[Predictions, Decided]]
    voices: Voices
    development: Development


def judge_dev(
    config: RunConfig,
    predictions: Predictions,
    families: Mapping[str, Predictions],
    folder: Path,
    *,
    encoder: Path | None = None,
) -> Judged:
    """Decide about every development sentence, and write that into a model's folder.

    Args:
        config: The run's settings.
        predictions: Of all development articles, as `predict_dev` gives them.
        families: The same by family.
        folder: The model's folder, with weights and decisions in it.
        encoder: Where the base encoder is, if not where `find_encoder` looks.
    """
    balance = config.training.threshold_balance
    decided = {name: (found, cross_validate(found, balance=balance)) for name, found in families.items()}
    voices = pair_dev_voices(config, predictions.articles, folder, encoder=encoder)
    development = gather_development(config, predictions, decided, voices, folder)
    development.save(folder)
    return Judged(decided, voices, development)


def pair_dev_voices(
    config: RunConfig, articles: Sequence[GoldArticle], folder: Path, *, encoder: Path | None = None
) -> Voices:
    """Label development articles with a whole model, and pair the voices it gives with the annotated ones."""
    model = load_model(folder, engine="torch", device="cpu", encoder=encoder)
    annotations = read_settled(config.data.annotations)
    read = [one for one in annotations if (one.corpus, one.part) == (config.data.dev, "dev")]
    if not read or not model.tells_voices:
        return [None] * len(articles)
    return pair_voices(model, articles, read)


def gather_development(
    config: RunConfig,
    predictions: Predictions,
    families: Mapping[str, tuple[Predictions, Decided]],
    voices: Voices,
    folder: Path,
) -> Development:
    """Put together what was said of every development sentence.

    Args:
        config: The run's settings.
        predictions: Of all development articles.
        families: For each family of codes its articles, and what was decided of them, cross-validated.
        voices: Of the articles' labels, as `pair_dev_voices` gives them.
        folder: The model's folder, with weights and decisions in it.
    """
    decisions = load_decisions(folder, [code for found, _ in families.values() for code in found.codes])
    shape = (len(predictions.article), sum(len(found.codes) for found, _ in families.values()))
    scores, labelled = np.zeros(shape), np.zeros(shape, dtype=bool)
    gold = np.full(shape, UNREAD, dtype=np.int8)
    first = 0
    for found, decided in families.values():
        own = {article.id for article in found.articles}
        read = np.array([article.id in own for article in predictions.articles])
        rows = np.flatnonzero(read[predictions.article])
        block = np.ix_(rows, np.arange(first, first + len(found.codes)))
        scores[block], gold[block] = decided.probabilities, found.gold
        own_scores = decisions.calibrate(found.logits, found.codes)
        labelled[block] = own_scores >= decisions.thresholds(found.codes)
        first += len(found.codes)
    return Development(
        tuple(code for found, _ in families.values() for code in found.codes),
        predictions.article,
        scores,
        labelled,
        gold,
        _count_voices(voices),
        f"{config.data.dev} dev",
        hash_weights(folder),
        hash_file(folder / DECISIONS),
    )


def _count_voices(voices: Voices) -> NDArray[np.int64]:
    """Annotated and given voice, the outlet's own or a source's, by article: (articles, 2, 2)."""
    counts = np.zeros((len(voices), 2, 2), dtype=np.int64)
    for number, pairs in enumerate(voices):
        for true, given in pairs or ():
            counts[number, int(true != "outlet"), int(given != "outlet")] += 1
    return counts


def add_development(
    config: RunConfig, corpora: Path, folder: Path, *, encoder: Path | None = None
) -> Development:
    """Write the development sentences of a model that is finished into its folder.

    Args:
        config: The settings that it was trained and calibrated with.
        corpora: The folder that holds the corpora.
        folder: The model's folder.
        encoder: Where the base encoder is, if not where `find_encoder` looks.
    """
    network, tokenizer = load_network(folder, encoder), load_tokenizer(base_folder(folder, encoder))
    found = predict_dev(config, corpora, network, tokenizer)
    return judge_dev(config, *found, folder, encoder=encoder).development
