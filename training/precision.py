"""What a fast precision costs: its labels of gold articles beside those of fp32."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from framing.agreement import Agreement
from framing.decisions import Decisions, load_decisions, sigmoid
from framing.encoder import base_folder
from framing.engine import EngineOptions, Precision, open_engine
from framing.labelling import DIGITS
from framing.machine import cpu_has_vnni, cpu_name
from framing.settings import read_settings
from framing.windows import load_tokenizer
from training.annotation import annotate, read_settled
from training.config import scored_families
from training.corpora import read_corpus
from training.examples import TokenisedArticle
from training.metrics import BinaryDetection, Floats
from training.predictions import Bools, Predictions, any_score, predict_with, select

REFERENCE: Precision = "fp32"


def measure_precision(
    model: Path,
    corpora: Path,
    annotations: Sequence[str] = (),
    *,
    precision: Precision = "int8",
    encoder: Path | None = None,
    threads: int | None = None,
) -> dict[str, Any]:
    """Score PTC's development articles in fp32 and in another precision, with the model's own thresholds.

    Args:
        model: A model folder.
        corpora: Folder that holds PTC's as `ptc`.
        annotations: Files of `training/annotations` with gold for the devices; without any, these are left
            out.
        precision: Of the engine for CPUs.
        encoder: Folder of the base encoder, if not where `framing.encoder.find_encoder` looks.
        threads: CPU threads, 1 or more; as many as there are cores if not given.

    Raises:
        FramingError: If the model, the corpus or an annotation is not there.
    """
    articles = annotate(read_corpus("ptc", corpora, "dev"), "dev", read_settled(annotations))
    settings, tokenizer = read_settings(model), load_tokenizer(base_folder(model, encoder))
    tokenised = [TokenisedArticle(article, tokenizer) for article in articles]
    found = {}
    for each in (REFERENCE, precision):
        options = EngineOptions("onnx", "cpu", each, threads=threads, encoder=encoder)
        engine = open_engine(model, settings, options)
        found[each] = predict_with(engine, settings, tokenised, tokenizer)
    decisions = load_decisions(model, settings.codes)
    return {
        "corpus": "PTC dev",
        "processor": cpu_name(),
        "vnni": cpu_has_vnni(),
        "versions": {name: version(name) for name in ("framing", "onnxruntime")},
        "families": {
            name: compare({each: select(one, codes) for each, one in found.items()}, decisions)
            for name, codes in scored_families(settings.codes, bool(annotations)).items()
        },
    }


def compare(found: Mapping[str, Predictions], decisions: Decisions) -> dict[str, Any]:
    """Score the answers of two precisions, and count what the second decides otherwise than the first."""
    scores = {name: decisions.calibrate(one.logits, one.codes).round(DIGITS) for name, one in found.items()}
    reference, other = found
    codes, gold = found[reference].codes, found[reference].gold
    chosen = {name: np.asarray(score >= decisions.thresholds(codes)) for name, score in scores.items()}
    agreement = Agreement(
        sentences=len(gold),
        decisions=gold.size,
        given=int(chosen[reference].sum()),
        flipped=int((chosen[reference] != chosen[other]).sum()),
        largest=float(np.abs(scores[reference] - scores[other]).max().round(DIGITS)),
    )
    figures = {name: _figures(one.logits, chosen[name], gold) for name, one in found.items()}
    change = figures[other]["any_f1"] - figures[reference]["any_f1"]
    return {
        "codes": len(codes),
        "articles": len(found[reference].articles),
        "sentences_with_any": int(gold.any(1).sum()),
        **figures,
        "any_f1_change": change,
        "agreement": agreement.to_dict(),
    }


def _figures(logits: Floats, chosen: Bools, gold: Bools) -> dict[str, float]:
    """F1 of "has at least one label" and of all labels; of "has any" average precision, as in the card."""
    any_gold = np.asarray(gold.any(1))
    detection = BinaryDetection()._compute(any_score(sigmoid(logits)), any_gold.astype(int))
    return {
        "any_f1": float(f1_score(any_gold, chosen.any(1), zero_division=0)),
        "any_average_precision": detection["average_precision"],
        "micro_f1": float(f1_score(gold, chosen, average="micro", zero_division=0)),
    }
