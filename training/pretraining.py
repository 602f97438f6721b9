"""A run's adapter, trained on the training corpora's text before it learns any label.

The encoder goes on as it once began, telling hidden tokens from the others of a sentence, now in text of the
kind that it will label (Gururangan et al. 2020, arXiv 2004.10964).
"""

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import track
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from framing.adapters import save_adapter
from framing.encoder import find_encoder
from framing.errors import FramingError
from framing.files import write_json
from framing.windows import SPECIALS_PER_SENTENCE, build_window, load_tokenizer, tokenise
from training.config import RunConfig, Training, all_codes
from training.corpora import GoldArticle, mute_copies
from training.examples import TokenBatches
from training.fit import make_model
from training.masking import MaskedReader, Vocabulary, count_tokens
from training.optimising import group_weights, rise_and_fall
from training.run_data import read_train

REPORT = "pretraining.json"
HELD_OUT = 0.02  # share of the articles
ALONE = 0.1  # share of the steps in which the head learns alone: a random one would spoil the encoder
HEAD_RATE = 1e-3  # the head's learning rate; the adapter has the run's own

Row = tuple[int, ...]  # a sentence's tokens, from [CLS] to [SEP]


def pretrain(
    config: RunConfig, corpora: Path, folder: Path, *, epochs: int, encoder: Path | None = None
) -> dict[str, Any]:
    """Train a run's adapter on its corpora's text, and write the network for `training.fit` to start with.

    Args:
        config: The run's settings.
        corpora: The folder that holds the corpora.
        folder: Where the network goes; its heads for labels are new.
        epochs: How often the text is read.
        encoder: Where the base encoder is, if not where `framing.encoder.find_encoder` looks.

    Returns:
        What `pretraining.json` holds: the settings, how much was read, and the mean loss, in nats, of hidden
        tokens of articles that were held out.

    Raises:
        FramingError: If a corpus or the encoder is missing, there is too little text, or the settings have no
            adapter.
    """
    if not config.network.adapter:
        raise FramingError(f"{config.name}: only an adapter is pretrained; set adapter = true in [network]")
    began = time.monotonic()
    torch.manual_seed(config.training.seed)
    base = find_encoder(encoder)
    tokenizer = load_tokenizer(base)
    vocabulary = Vocabulary.of(tokenizer)
    rows, held_out = read_rows(config, corpora, tokenizer)
    batches = [
        batch
        for epoch in range(epochs)
        for batch in make_batches(rows, config.training, epoch, vocabulary.padding)
    ]
    tested = make_batches(held_out, config.training, 0, vocabulary.padding)
    wrapped = make_model(config, base, all_codes(config), None)
    losses = learn(wrapped, vocabulary, batches, tested, config.training)
    folder.mkdir(parents=True, exist_ok=True)
    save_adapter(wrapped, folder)
    report = {
        "settings": dataclasses.asdict(config),
        "epochs": epochs,
        "sentences": len(rows),
        "tokens": sum(len(row) - SPECIALS_PER_SENTENCE for row in rows),
        "held_out_sentences": len(held_out),
        "steps": len(batches),
        "loss": losses,
        "seconds": round(time.monotonic() - began),
    }
    write_json(folder / REPORT, report)
    return report


def read_rows(config: RunConfig, corpora: Path, tokenizer: Tokenizer) -> tuple[list[Row], list[Row]]:
    """Read the sentences to learn from, and those of some articles that are held out.

    Copies of sentences of the development articles are in neither, copies of those held out not in the first.

    Raises:
        FramingError: If a corpus is missing, or there are no sentences of either.
    """
    articles, dev, _ = read_train(config, corpora)
    places = np.random.default_rng(config.training.seed).permutation(len(articles)).tolist()
    count = max(round(HELD_OUT * len(articles)), 1)
    held_out = [articles[place] for place in places[:count]]
    learned = mute_copies([articles[place] for place in sorted(places[count:])], [*dev, *held_out])
    rows, tested = (_cut_rows(part, tokenizer, config.network.window) for part in (learned, held_out))
    if not rows or not tested:
        raise FramingError(
            f"{config.name}: found {len(rows)} sentences to learn from and {len(tested)} to hold out in "
            f"{len(articles)} articles, expected some of both; give more articles or corpora"
        )
    return rows, tested


def _cut_rows(articles: Sequence[GoldArticle], tokenizer: Tokenizer, longest: int) -> list[Row]:
    return [
        build_window([sentence], range(1), tokenizer, longest).input_ids
        for article in articles
        for sentence in tokenise(article.sentences, tokenizer)
        if sentence.sentence.index not in article.muted
    ]


def make_batches(rows: Sequence[Row], settings: Training, epoch: int, padding: int) -> list[Tensor]:
    """Put sentences of like length together: (sentences, tokens) each."""
    lengths = [len(row) for row in rows]
    batches = TokenBatches(lengths, settings.batch_tokens, seed=settings.seed, epoch=epoch)
    return [
        pad_sequence([torch.tensor(rows[i]) for i in places], batch_first=True, padding_value=padding)
        for places in batches
    ]


def learn(
    wrapped: Any,
    vocabulary: Vocabulary,
    batches: Sequence[Tensor],
    tested: Sequence[Tensor],
    settings: Training,
) -> dict[str, float]:
    """Train the adapter of a wrapped network.

    Returns:
        The loss on what is tested: before, when the head has learned alone, and at the end.
    """
    counts = count_tokens(batches, vocabulary)
    reader = MaskedReader(wrapped.get_base_model().encoder, vocabulary, counts).train()
    generator = torch.Generator().manual_seed(settings.seed)
    alone = int(ALONE * len(batches))
    head = _optimise(reader.head, HEAD_RATE, len(batches), settings)
    adapter = _optimise(wrapped, settings.learning_rate, len(batches) - alone, settings)
    losses = {"before": reader.measure(tested)}
    for step, ids in enumerate(track(batches, "reading")):
        if step == alone:
            losses["head_alone"] = reader.measure(tested)
        found = reader(ids, generator, encoder_learns=step >= alone)
        (found.sum() / max(len(found), 1)).backward()
        nn.utils.clip_grad_norm_(reader.parameters(), settings.clip)
        for optimizer, schedule in (head, adapter) if step >= alone else (head,):
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    return losses | {"after": reader.measure(tested)}


def _optimise(part: nn.Module, rate: float, steps: int, settings: Training) -> tuple[Any, Any]:
    """Make the optimiser of a part that learns for some steps, and its schedule."""
    groups = group_weights(
        part, learning_rate=rate, weight_decay=settings.weight_decay, layer_decay=settings.layer_decay
    )
    optimizer = torch.optim.AdamW(groups)
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, rise_and_fall(steps, settings.warmup))
