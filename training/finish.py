"""From a run's best network to a whole model folder and the run's figures."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from framing import __version__
from framing import encoder as base_encoders
from framing.codebook import load_codebook
from framing.decisions import Decisions
from framing.encoder import base_folder
from framing.errors import FramingError
from framing.files import write_json
from framing.model_folder import ABOUT, CODEBOOK, hash_weights
from framing.torch_engine import TorchEngine, choose_device
from framing.weights import load_network
from framing.windows import load_tokenizer
from training.attribution_scores import evaluate_attributions
from training.calibration import choose_decisions
from training.config import RunConfig
from training.corpora import TERMS, read_voiced
from training.development import judge_dev, predict_dev
from training.evaluation import evaluate_labels, evaluate_spans
from training.examples import TokenisedArticle
from training.predictions import predict
from training.voice_scores import score_voices

RUN = "run.json"
MODEL = "model"


def finish(config: RunConfig, corpora: Path, folder: Path, *, encoder: Path | None = None) -> dict[str, Any]:
    """Calibrate a run's best network on dev, write the model folder, and score it as it ships.

    The figures are cross-validated over dev articles: no sentence is judged by curves or thresholds that
    its own article helped choose. The epoch, though, was chosen on these articles.

    Args:
        config: The run's settings.
        corpora: The folder that holds the corpora.
        folder: The run's folder, with `best/` and `run.json` as `training.fit.fit` left them.
        encoder: Where the base encoder is, if not where `find_encoder` looks.

    Returns:
        What `run.json` now holds.

    Raises:
        FramingError: If the run has no best network yet.
    """
    best, seed = folder / "best", config.training.seed
    if not best.is_dir():
        raise FramingError(f"{folder}: no folder best there, expected a run that got through an epoch")
    network = load_network(best, encoder)
    tokenizer = load_tokenizer(base_folder(best, encoder))
    predictions, families = predict_dev(config, corpora, network, tokenizer)
    balance = config.training.threshold_balance
    chosen_on = f"{config.data.dev} dev, " + ", ".join(
        f"{name}: {len(found.articles)} articles" for name, found in families.items()
    )
    decisions = choose_decisions(list(families.values()), balance=balance, chosen_on=chosen_on)
    write_model(config, best, folder / MODEL, decisions)

    report: dict[str, Any] = json.loads((folder / RUN).read_text("utf8"))
    report["settings"] = asdict(config)
    judged = judge_dev(config, predictions, families, folder / MODEL, encoder=encoder)
    report["dev"] = {
        "corpus": config.data.dev,
        "families": {name: evaluate_labels(*both, seed=seed) for name, both in judged.families.items()},
        "spans": evaluate_spans(next(iter(families.values())), decisions.any_evidence, seed=seed),
    }
    if pairs := read_voiced(config, corpora):
        voiced = [TokenisedArticle(article, tokenizer) for article, _ in pairs]
        found = predict(TorchEngine(network, choose_device("cpu")), voiced, tokenizer)
        report["dev"]["attributions"] = evaluate_attributions(found, [gold for _, gold in pairs], seed=seed)
    if read := [pairs for pairs in judged.voices if pairs is not None]:
        report["dev"]["voices"] = score_voices(read, seed=seed)
    write_json(folder / RUN, report)
    return report


def write_model(config: RunConfig, best: Path, folder: Path, decisions: Decisions) -> None:
    """Write everything that labelling needs into one folder."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(best, folder)
    decisions.save(folder)
    codes = tuple(decisions.codes)
    (folder / CODEBOOK).write_text(load_codebook().subset(codes).to_json() + "\n", "utf8")
    base = base_encoders.MINILM
    about = {
        "name": f"framing-{config.name}",
        "version": config.version,
        "made_with": f"framing {__version__}",
        "base": asdict(base),
        "data": {name: TERMS[name] for name in config.data.train},
        "weights_sha256": hash_weights(folder),
        "weights_bytes": sum(file.stat().st_size for file in folder.glob("*.safetensors")),
        "licence": "Apache-2.0 for what this project made; the data above have terms of their own",
    }
    write_json(folder / ABOUT, about)
