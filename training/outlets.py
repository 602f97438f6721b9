"""PolNeAR's seven outlets: which contrasts stand, and how often one does where outlets are shuffled."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from framing.contrasts import OTHERS, Contrast, contrast_groups
from framing.counts import ALL, OWN, Counted, GroupCounts, count_labels
from framing.encoder import ADAPTER_WEIGHTS, hash_file
from framing.errors import FramingError
from framing.model_folder import load_model
from framing.paths import default_model
from framing.profiling import profile_counts
from framing.records import Provenance
from framing.resuming import label_into
from framing.store import read_labels, read_provenance
from training.polnear import read_polnear_articles

SHUFFLES = 200
HOW = (
    "Labels of the model that ships. Outlets' names are dealt out anew to the articles, each as often as "
    "before; counted are the shuffles in which any contrast, of an outlet with the others or of a pair, "
    "stands at q < .05. A contrast survives where the difference of corrected shares has the same sign and "
    "its 95 % interval is clear of 0."
)


def label_polnear(corpora: Path, labels: Path, *, encoder: Path | None, threads: int | None) -> Provenance:
    """Labels PolNeAR with the model that ships, unless that is done.

    Raises:
        FramingError: The labels there are another model's, or do not say whose they are.
    """
    if not labels.exists():
        model = load_model(device="cpu", threads=threads, encoder=encoder)
        label_into(labels, model, read_polnear_articles(corpora / "polnear"), advance=lambda _: None)
    made = read_provenance(labels)
    if made is None or made.weights_sha256 != hash_file(default_model() / ADAPTER_WEIGHTS):
        raise FramingError(
            f"{labels}: not labelled by the model that ships; remove the file, or name another"
        )
    return made


def measure_outlets(
    corpora: Path,
    labels: Path,
    *,
    shuffles: int = SHUFFLES,
    seed: int = 0,
    encoder: Path | None = None,
    threads: int | None = None,
) -> dict[str, Any]:
    """Contrasts PolNeAR's outlets, and as many times outlets shuffled among the articles.

    Args:
        corpora: Folder with `polnear`; read only where `labels` is not there yet.
        labels: PolNeAR's labels; made where they are not there.
        shuffles: How many.
        seed: Of the shuffles.
        encoder: Folder of the base encoder.
        threads: CPU threads of labelling.
    """
    made = label_polnear(corpora, labels, encoder=encoder, threads=threads)
    counted = count_labels(read_labels(labels), codes=made.codes)
    contrasts = profile_counts(counted, seed=seed, provenance=made).contrasts
    return {
        "how": HOW,
        "model": made.model,
        "weights_sha256": made.weights_sha256,
        "articles": {group.group: len(group.articles) for group in counted.groups},
        "sentences": {group.group: int(group.sentences.sum()) for group in counted.groups},
        "shuffles": measure_shuffles(counted, shuffles, np.random.default_rng(seed)) | {"seed": seed},
        "tests": dict(Counter(f"{one.voice}, {_kind(one)}" for one in contrasts if one.q is not None)),
        "standing": {
            voice: [_brief(one) for one in contrasts if one.stands and one.voice == voice]
            for voice in counted.voices
        },
        "own_words_against_all_words": list(_own_against_all(contrasts)),
    }


def measure_shuffles(counted: Counted, shuffles: int, rng: np.random.Generator) -> dict[str, Any]:
    """Counts the shuffles in which contrasts stand, by voice and kind of contrast, and in which any does."""
    found: Counter[str] = Counter()
    for _ in range(shuffles):
        standing = {
            f"{one.voice}, {_kind(one)}" for one in contrast_groups(shuffle(counted, rng)) if one.stands
        }
        found.update(standing)
        found["any"] += bool(standing)
    kinds = [f"{voice}, {kind}" for voice in counted.voices for kind in ("others", "pairs")]
    return {
        "count": shuffles,
        "share_with_a_contrast": {name: found[name] / shuffles for name in (*kinds, "any")},
    }


def shuffle(counted: Counted, rng: np.random.Generator) -> Counted:
    """Deals the articles out to the groups at random, as many to each as it had."""
    names = np.array([name for group in counted.groups for name in group.articles])
    sentences = np.concatenate([group.sentences for group in counted.groups])
    positives = np.concatenate([group.positives for group in counted.groups], axis=1)
    scores = np.concatenate([group.scores for group in counted.groups], axis=1)
    ends = np.cumsum([len(group.articles) for group in counted.groups])[:-1]
    groups = (
        GroupCounts(group.group, tuple(names[at]), sentences[at], positives[:, at], scores[:, at])
        for group, at in zip(counted.groups, np.split(rng.permutation(len(names)), ends), strict=True)
    )
    return Counted(tuple(groups), counted.codes, counted.voices)


def _own_against_all(contrasts: tuple[Contrast, ...]) -> Iterator[dict[str, Any]]:
    """Yields what stands in the outlets' own words or in all words, and what becomes of it in the other."""
    by_key = {(one.group, one.code, one.voice): one for one in contrasts if one.against == OTHERS}
    for (group, code, voice), own in by_key.items():
        if voice != OWN:
            continue
        every = by_key[group, code, ALL]
        if own.stands or every.stands:
            where = {(True, True): "both", (True, False): "own words only"}
            stands = where.get((own.stands, every.stands), "all words only")
            yield {"group": group, "code": code, "stands": stands, "own": _brief(own), "all": _brief(every)}


def _brief(one: Contrast) -> dict[str, Any]:
    names = (
        "group",
        "against",
        "code",
        "positives",
        "share",
        "other",
        "log_odds",
        "low",
        "high",
        "q",
        "reason",
        "corrected",
        "corrected_low",
        "corrected_high",
        "corrected_reason",
    )
    figures = {name: value for name, value in asdict(one).items() if name in names}
    ratio = None if one.log_odds is None else float(np.exp(one.log_odds))
    return figures | {"odds_ratio": ratio, "survives": one.survives}


def _kind(one: Contrast) -> str:
    return "others" if one.against == OTHERS else "pairs"
