"""Gold articles as windows with targets, as `datasets` rows, and rows as batches of tensors."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np
import torch
from datasets import Dataset
from tokenizers import Tokenizer
from torch import Tensor
from torch.utils.data import Sampler

from framing.losses import UNKNOWN
from framing.tagging import NONE
from framing.windows import (
    SPECIALS_PER_SENTENCE,
    TokenisedSentence,
    Window,
    build_window,
    cut_windows,
    tokenise,
)
from training.balancing import draw_windows, weigh_windows
from training.corpora import GoldArticle

VOICED_WEIGHT = 8.0  # of a tag known from a label's voice: there are few, and the labels' voices hang on them


class TokenisedArticle:
    """A gold article with its sentences as tokens, ready to be cut."""

    def __init__(self, article: GoldArticle, tokenizer: Tokenizer) -> None:
        self.article = article
        self.sentences: list[TokenisedSentence] = tokenise(article.sentences, tokenizer)


def random_windows(
    article: TokenisedArticle, tokenizer: Tokenizer, rng: np.random.Generator, shortest: int, longest: int
) -> Iterator[Window]:
    """Cut an article into windows of random size, every sentence in one of them.

    An epoch thus shows a sentence with other neighbours than the last.
    """
    first = 0
    while first < len(article.sentences):
        room = int(rng.integers(shortest, longest + 1))
        stop = first
        while stop < len(article.sentences) and room >= (size := _size(article.sentences[stop])):
            room -= size
            stop += 1
        stop = max(stop, first + 1)
        yield build_window(article.sentences[first:stop], range(stop - first), tokenizer, longest)
        first = stop


def _size(sentence: TokenisedSentence) -> int:
    return len(sentence.ids) + SPECIALS_PER_SENTENCE


def make_row(window: Window, article: GoldArticle, codes: Sequence[str]) -> dict[str, Any]:
    """Turn a window into a row: token ids, sentence numbers, and where its gold lies.

    `labels` and `evidence` are lists of (sentence or token, code) pairs, since nearly all are zero.
    """
    index = {code: i for i, code in enumerate(codes)}
    size = window.targets.stop
    sentences = article.sentences[window.first : window.first + size]
    labels = [[i, index[c]] for i, s in enumerate(sentences) for c in article.codes_of(s) if c in index]
    evidence = [
        [token, index[gold.code]]
        for gold in article.spans
        if gold.code in index and gold.start < sentences[-1].end and sentences[0].start < gold.end
        for token, place in enumerate(window.spans)
        if place is not None and place[0] < gold.end and gold.start < place[1]
    ]
    return {
        "input_ids": list(window.input_ids),
        "sentence_ids": list(window.sentence_ids),
        "labels": labels,
        "evidence": evidence,
        "tags": tag_tokens(window, article),
        "tag_weight": VOICED_WEIGHT if article.roles is None else 1.0,
        "guesses": _guesses(article, window.first, size, codes),
        "known": [[index[c] for c in article.known_of(s) if c in index] for s in sentences],
        "muted": [i for i in range(size) if window.first + i in article.muted],
        "sentences": size,
    }


def tag_tokens(window: Window, article: GoldArticle) -> list[int]:
    """Return the tag of each of a window's tokens, `UNKNOWN` where there is no gold or it is muted.

    Nothing if none is known.
    """
    known = article.voiced if article.roles is None else article.roles
    outside = UNKNOWN if article.roles is None else NONE
    roles = sorted(known, key=lambda role: role.start)
    tags, at = [], 0
    for place, sentence in zip(window.spans, window.sentence_ids, strict=True):
        if place is None or window.first + sentence in article.muted:
            tags.append(UNKNOWN)
            continue
        while at < len(roles) and roles[at].end <= place[0]:
            at += 1
        inside = at < len(roles) and roles[at].start < place[1]
        tags.append(roles[at].tag if inside else outside)
    return tags if any(tag != UNKNOWN for tag in tags) else []


def _guesses(article: GoldArticle, first: int, size: int, codes: Sequence[str]) -> list[list[float]]:
    """Return (sentences, codes) of guesses, -1 where there is none; empty if the article has none."""
    if article.guesses is None:
        return []
    table = np.full((size, len(codes)), -1.0)
    table[:, [codes.index(code) for code in article.guessed]] = article.guesses[first : first + size]
    return cast(list[list[float]], table.tolist())


def make_epoch(
    articles: Sequence[TokenisedArticle],
    tokenizer: Tokenizer,
    codes: Sequence[str],
    *,
    seed: int,
    epoch: int,
    shortest: int,
    longest: int,
    shares: Mapping[str, float],
    balance: float = 0.0,
) -> Dataset:
    """Make one epoch's rows; the same seed and epoch give the same rows, none of which has no gold at all.

    Args:
        articles: All articles of all corpora.
        tokenizer: The encoder's.
        codes: The network's codes.
        seed: Of the run.
        epoch: Counted from 0.
        shortest: Least budget of a window in tokens.
        longest: Most.
        shares: How often an epoch shows each corpus's articles: .6 for that share of them, drawn anew each
            time; 2.5 for all of them twice, cut into other windows, and half of them once more.
        balance: Share of the windows that makes a code common; windows with rarer ones are drawn more
            often, others less (see `training.balancing`). 0 shows every window once.
    """
    rng = np.random.default_rng([seed, epoch])
    rows = [
        make_row(window, article.article, codes)
        for article in articles
        for _ in range(_times(shares[article.article.corpus], rng))
        for window in random_windows(article, tokenizer, rng, shortest, longest)
    ]
    rows = [row for row in rows if row["tags"] or row["guesses"] or any(row["known"])]
    if balance:
        weights = weigh_windows([[code for _, code in row["labels"]] for row in rows], balance)
        rows = [rows[i] for i in draw_windows(weights, rng)]
    return Dataset.from_list(rows)


def _times(share: float, rng: np.random.Generator) -> int:
    whole = int(share)
    return whole + int(share > whole and rng.random() < share - whole)


def make_dev_windows(
    articles: Sequence[TokenisedArticle], tokenizer: Tokenizer, *, window: int, context: int
) -> list[list[Window]]:
    """Cut articles as labelling does; a list of windows for each article."""
    return [cut_windows(a.sentences, tokenizer, budget=window, context=context) for a in articles]


class TokenBatches(Sampler[list[int]]):
    """Batches of rows of like length with at most `budget` tokens, padding included, in random order.

    Their number is a multiple of `processes`, which wait for each other: the last few may be left out.
    """

    def __init__(
        self, lengths: Sequence[int], budget: int, *, seed: int, epoch: int, processes: int = 1
    ) -> None:
        rng = np.random.default_rng([seed, epoch, 1])
        ranked = np.argsort(np.asarray(lengths) + rng.uniform(-16, 16, len(lengths)))
        batches: list[list[int]] = [[]]
        longest = 0
        for row in ranked.tolist():
            longest = max(longest, lengths[row])
            if batches[-1] and longest * (len(batches[-1]) + 1) > budget:
                batches.append([])
                longest = lengths[row]
            batches[-1].append(row)
        order = rng.permutation(len(batches))[: len(batches) // processes * processes]
        self.batches = [batches[i] for i in order]
        self.batch_size = None
        self.drop_last = False

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.batches)

    def __len__(self) -> int:
        return len(self.batches)


def collate(rows: Sequence[dict[str, Any]], codes: int, gold: float = 1.0) -> dict[str, Tensor]:
    """Pad rows to one batch; shapes are those of `FramingNetwork.forward`.

    Args:
        rows: As `make_row` makes them.
        codes: How many codes the network has.
        gold: What gold counts where there is a guess too, in [0, 1]; the guess counts the rest.
    """
    tokens = max(len(r["input_ids"]) for r in rows)
    sentences = max(r["sentences"] for r in rows)
    batch = {
        "input_ids": torch.zeros(len(rows), tokens, dtype=torch.long),
        "attention_mask": torch.zeros(len(rows), tokens, dtype=torch.long),
        "sentence_ids": torch.full((len(rows), tokens), -1),
        "labels": torch.zeros(len(rows), sentences, codes),
        "label_mask": torch.zeros(len(rows), sentences, codes),
        "evidence": torch.zeros(len(rows), tokens, codes),
        "evidence_mask": torch.zeros(len(rows), tokens, codes),
        "tags": torch.full((len(rows), tokens), UNKNOWN),
        "tag_weights": torch.ones(len(rows), tokens),
    }
    for i, row in enumerate(rows):
        length, owners = len(row["input_ids"]), torch.tensor(row["sentence_ids"])
        known = torch.zeros(row["sentences"], codes)
        for sentence, here in enumerate(row["known"]):
            known[sentence, here] = 0.0 if sentence in row["muted"] else 1.0
        batch["input_ids"][i, :length] = torch.tensor(row["input_ids"])
        batch["attention_mask"][i, :length] = 1
        batch["sentence_ids"][i, :length] = owners
        for key in ("labels", "evidence"):
            if row[key]:
                unit, code = torch.tensor(row[key]).T
                batch[key][i, unit, code] = 1.0
        batch["label_mask"][i, : row["sentences"]] = known
        if row["guesses"]:
            guesses = torch.tensor(row["guesses"])
            labels, guessed = batch["labels"][i, : row["sentences"]], guesses >= 0
            labels[guessed] = torch.where(known > 0, gold * labels + (1 - gold) * guesses, guesses)[guessed]
            muted = torch.zeros(row["sentences"], dtype=torch.bool)
            muted[row["muted"]] = True
            batch["label_mask"][i, : row["sentences"]][guessed & ~muted.unsqueeze(1)] = 1.0
        inside = (owners >= 0) & (owners < row["sentences"])
        batch["evidence_mask"][i, :length][inside] = known[owners[inside]]
        if row["tags"]:
            batch["tags"][i, :length] = torch.tensor(row["tags"])
            batch["tag_weights"][i] = row["tag_weight"]
    return batch
