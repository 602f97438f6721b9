"""BABE: does a model score sentences that experts call biased above the others? For evaluation only."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score
from tokenizers import Tokenizer

from framing.decisions import sigmoid
from framing.errors import FramingError
from framing.records import Sentence
from framing.torch_engine import TorchEngine
from training.corpora import GoldArticle
from training.examples import TokenisedArticle
from training.intervals import FEW_DRAWS, draw_articles, figure, resampled_rows
from training.predictions import any_score, predict

FILE = "final_labels_SG2.csv"
BIASED = {"Biased": True, "Non-biased": False}  # "No agreement" is neither


def read_babe(folder: Path) -> list[tuple[GoldArticle, bool]]:
    """Read BABE (Spinde et al. 2021, SG2), each sentence as an article whose id is its link.

    Raises:
        FramingError: If the file is missing or has other columns.
    """
    path = folder / FILE
    if not path.is_file():
        raise FramingError(f"{path}: no such file, expected BABE; check --path")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, delimiter=";")
        if missing := {"text", "news_link", "label_bias"} - set(rows.fieldnames or ()):
            raise FramingError(f"{path}: no column {min(missing)}, expected text, news_link and label_bias")
        return [
            (_as_article(row["news_link"], row["text"].strip()), BIASED[row["label_bias"]])
            for row in rows
            if row["label_bias"] in BIASED and row["text"].strip()
        ]


def _as_article(link: str, text: str) -> GoldArticle:
    return GoldArticle("babe", link, text, (Sentence(0, 0, len(text), text),), (), frozenset())


def evaluate_bias(engine: TorchEngine, tokenizer: Tokenizer, folder: Path, *, seed: int) -> dict[str, Any]:
    """Give the area under the ROC curve of "any label" for biased against not.

    Returns:
        ``sentences`` and ``auc``, a figure with its 95 % percentile bootstrap over articles (links).
    """
    rows = read_babe(folder)
    found = predict(engine, [TokenisedArticle(article, tokenizer) for article, _ in rows], tokenizer)
    score = any_score(sigmoid(found.logits))
    biased = np.array([flag for _, flag in rows])
    links = np.unique([article.id for article, _ in rows], return_inverse=True)[1]
    rows_drawn = resampled_rows(links, draw_articles(int(links.max()) + 1, seed, FEW_DRAWS))
    drawn = [float(roc_auc_score(biased[sample], score[sample])) for sample in rows_drawn]
    auc = figure(roc_auc_score(biased, score), drawn)
    return {"sentences": len(rows), "auc": auc}
