"""How long a profile of very many outlets takes, and how much memory."""

import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from framing.development import Development
from framing.paths import default_model
from framing.profiling import build_profiles
from framing.records import Label, LabelledSentence, Provenance, Voice
from framing.store import read_labels, read_provenance, write_labels

ARTICLES = 25  # an outlet's; 40 sentences each
SENTENCES = 40
TEXT = " ".join(["Made up."] * 14)  # as long as a sentence of news


def make_labels(
    development: Development,
    outlets: int,
    seed: int,
    *,
    articles: int = ARTICLES,
    sentences: int = SENTENCES,
) -> Iterator[LabelledSentence]:
    """Make up the articles of many outlets: scores and labels of development sentences, drawn at random.

    Args:
        development: Where scores and labels are drawn from.
        outlets: How many outlets.
        seed: Of the draws.
        articles: Of each outlet.
        sentences: Of each article.
    """
    rng = np.random.default_rng(seed)
    voices: tuple[Voice, ...] = ("outlet", "quoted", "attributed")
    scores = development.scores.round(4).tolist()
    labelled = [np.flatnonzero(row).tolist() for row in development.labelled]
    for outlet in range(outlets):
        for article in range(articles):
            rows = rng.integers(len(scores), size=sentences).tolist()
            drawn = rng.integers(3, size=sentences).tolist()
            for index, (row, voice) in enumerate(zip(rows, drawn, strict=True)):
                yield LabelledSentence(
                    f"{outlet}-{article}",
                    f"outlet {outlet}",
                    index,
                    0,
                    len(TEXT),
                    TEXT,
                    dict(zip(development.codes, scores[row], strict=True)),
                    tuple(
                        Label(development.codes[code], scores[row][code], ((0, 9),), voices[voice])
                        for code in labelled[row]
                    ),
                    voices[voice],
                )


def made_up_provenance(development: Development, articles: int, sentences: int) -> Provenance:
    """What labels say that the model that ships might have given: their shares are corrected as its are."""
    hashes = development.weights_sha256, ""
    return Provenance(
        "made up",
        *hashes,
        "",
        development.codes,
        "none",
        "cpu",
        "fp32",
        {},
        "",
        articles,
        sentences,
        {"decisions.json": development.decisions_sha256},
    )


def write_made_up(development: Development, path: Path, *, outlets: int, seed: int) -> None:
    """Write made-up labels as if the model that ships had given them."""
    provenance = made_up_provenance(development, outlets * ARTICLES, outlets * ARTICLES * SENTENCES)
    write_labels(path, make_labels(development, outlets, seed), provenance)


def time_profile(path: Path, output: Path, *, draws: int) -> dict[str, Any]:
    """Profile a labels file from disk to disk, in this process.

    Returns:
        Seconds and memory: ``read_s`` for reading the labels alone, ``profile_s`` for everything (labels read
        again, counted, estimated, written), both also as seconds of the processor (``_cpu_s``), and
        ``peak_bytes`` of the process.
    """
    start, used = time.perf_counter(), time.process_time()
    sentences = sum(1 for _ in read_labels(path))
    read, reading = time.perf_counter(), time.process_time() - used
    made = build_profiles(
        read_labels(path), draws=draws, provenance=read_provenance(path), model=default_model()
    )
    made.write_json(output)
    end, working = time.perf_counter(), time.process_time() - used - reading
    return {
        "outlets": len(made.profiles),
        "sentences": sentences,
        "codes": len(made.codes),
        "voices": len(made.voices),
        "draws": draws,
        "corrected": made.correction.method,
        "read_s": read - start,
        "read_cpu_s": reading,
        "profile_s": end - read,
        "profile_cpu_s": working,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
