"""What a run reads, and what its `run.json` says of that."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framing.encoder import ADAPTER_WEIGHTS, hash_file
from training.annotation import annotate, read_settled
from training.config import RunConfig
from training.corpora import GoldArticle, mute_copies, read_corpus, read_voiced
from training.folds import holds, parse_fold
from training.guesses import add_guesses, read_guesses


def read_train(
    config: RunConfig, corpora: Path, guesses: Sequence[Path] = ()
) -> tuple[list[GoldArticle], list[GoldArticle], tuple[str, ...]]:
    """Read what a run learns from: articles with their annotations and guesses.

    Returns:
        The training articles, whose sentences that stand in dev articles, also those that attributions are
        watched on, are muted; the development articles; and the names of the networks that guessed.
    """
    most = config.data.articles or None
    annotations = read_settled(config.data.annotations, techniques=config.data.own_techniques)
    dev = annotate(read_corpus(config.data.dev, corpora, "dev"), "dev", annotations)
    held_out = [*dev, *(gold for gold, _ in read_voiced(config, corpora))]
    found = [a for name in config.data.train for a in read_corpus(name, corpora, "train")[:most]]
    if config.data.left_out:
        fold = parse_fold(config.data.left_out)
        found = [article for article in found if not holds(fold, article)]
    train = mute_copies(annotate(found, "train", annotations), held_out)
    teachers: dict[str, None] = {}
    for taught in map(read_guesses, guesses):
        train = add_guesses(train, taught)
        teachers |= dict.fromkeys(taught.teachers)
    return train, dev, tuple(teachers)


def describe_run(
    config: RunConfig,
    codes: Sequence[str],
    train: Sequence[GoldArticle],
    dev: Sequence[GoldArticle],
    *,
    start: Path | None,
    teachers: Sequence[str] = (),
) -> dict[str, Any]:
    """Return what `run.json` says of a run's settings and data."""
    dev = dev[: config.data.articles or None]
    return {
        "settings": dataclasses.asdict(config),
        "codes": list(codes),
        "train_articles": len(train),
        "train_sentences": sum(len(a.sentences) for a in train),
        "muted_sentences": sum(len(a.muted) for a in train),
        "started_with": hash_file(start / ADAPTER_WEIGHTS) if start else None,
        "teachers": list(teachers),
        "guessed_sentences": sum(len(a.sentences) for a in train if a.guesses is not None),
        "dev_articles": len(dev),
        "dev_sentences": sum(len(a.sentences) for a in dev),
    }
