"""What trained networks guess of articles that nobody labelled, for another network to learn from.

Self-distillation on unlabelled text (Hinton, Vinyals & Dean 2015, arXiv 1503.02531; Xie et al. 2020,
arXiv 1911.04252): the teachers' mean probability is the pupil's target where there is no gold. Where there
is, it can be a part of the target (Furlanello et al. 2018, arXiv 1805.04770): annotators miss many labels.
"""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track
from tokenizers import Tokenizer

from framing.decisions import sigmoid
from framing.encoder import base_folder
from framing.errors import FramingError
from framing.torch_engine import TorchEngine, choose_device
from framing.weights import load_network
from framing.windows import load_tokenizer
from training.corpora import GoldArticle, read_corpus
from training.examples import TokenisedArticle
from training.folds import Fold, holds
from training.predictions import predict

CODES, TEACHERS = "codes", "teachers"


@dataclass(frozen=True)
class Guesses:
    """Probabilities of some codes for the sentences of some articles.

    Attributes:
        codes: What the columns stand for.
        teachers: The networks whose mean they are, by the last two parts of their folders' paths.
        tables: (sentences, codes) in [0, 1], by corpus and article id.
    """

    codes: tuple[str, ...]
    teachers: tuple[str, ...]
    tables: dict[tuple[str, str], NDArray[np.float32]]


def guess(
    teachers: Sequence[Path],
    corpora: Path,
    names: Sequence[str],
    *,
    fold: Fold | None = None,
    encoder: Path | None = None,
) -> Guesses:
    """Let networks guess the codes of training articles of some corpora.

    Args:
        teachers: Folders of networks. A code's guess is the mean of those that know it.
        corpora: The folder that holds the corpora.
        names: Which corpora.
        fold: Which of their articles; all if not given.
        encoder: Where the base encoder is, if not where `framing.encoder.find_encoder` looks.

    Raises:
        FramingError: If a folder or corpus is missing.
    """
    networks = [load_network(folder, encoder) for folder in teachers]
    codes = tuple(dict.fromkeys(code for network in networks for code in network.config.codes))
    tokenizer = load_tokenizer(base_folder(teachers[0], encoder))
    engines = [TorchEngine(network, choose_device("cpu")) for network in networks]
    articles = [article for name in names for article in read_corpus(name, corpora, "train")]
    tables = {
        (article.corpus, article.id): _mean(engines, article, tokenizer, codes)
        for article in track(articles, "guessing")
        if article.sentences and (fold is None or holds(fold, article))
    }
    return Guesses(codes, tuple("/".join(folder.parts[-2:]) for folder in teachers), tables)


def _mean(
    engines: Sequence[TorchEngine], article: GoldArticle, tokenizer: Tokenizer, codes: Sequence[str]
) -> NDArray[np.float32]:
    tokenised = [TokenisedArticle(article, tokenizer)]
    found = np.full((len(engines), len(article.sentences), len(codes)), np.nan)
    for its, engine in zip(found, engines, strict=True):
        known = [codes.index(code) for code in engine.network.config.codes]
        its[:, known] = sigmoid(predict(engine, tokenised, tokenizer).logits)
    return np.asarray(np.nanmean(found, axis=0), dtype=np.float32)


def write_guesses(guesses: Guesses, path: Path) -> None:
    """Write guesses as a NumPy archive."""
    tables: dict[str, Any] = {f"{corpus}/{article}": t for (corpus, article), t in guesses.tables.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        tables |= {CODES: np.array(guesses.codes), TEACHERS: np.array(guesses.teachers)}
        np.savez_compressed(file, **tables)


def read_guesses(path: Path) -> Guesses:
    """Read what `write_guesses` wrote.

    Raises:
        FramingError: If the file is missing or is none.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            tables = {
                (name.partition("/")[0], name.partition("/")[2]): archive[name]
                for name in archive.files
                if "/" in name
            }
            return Guesses(tuple(archive[CODES].tolist()), tuple(archive[TEACHERS].tolist()), tables)
    except FileNotFoundError:
        raise FramingError(f"{path}: no such file, expected what `python -m training guess` wrote") from None
    except (ValueError, KeyError, zipfile.BadZipFile):
        raise FramingError(f"{path}: not what `python -m training guess` writes; make it again") from None


def add_guesses(articles: Sequence[GoldArticle], guesses: Guesses) -> list[GoldArticle]:
    """Add guesses to the articles that have any.

    Raises:
        FramingError: If an article has another number of sentences than when it was guessed, or was guessed
            twice.
    """
    done = []
    for article in articles:
        table = guesses.tables.get((article.corpus, article.id))
        if table is None:
            done.append(article)
        elif article.guesses is not None:
            raise FramingError(
                f"{article.corpus} {article.id}: guessed twice; give guesses of different corpora"
            )
        elif len(table) == len(article.sentences):
            done.append(replace(article, guesses=table, guessed=guesses.codes))
        else:
            raise FramingError(
                f"{article.corpus} {article.id}: {len(article.sentences)} sentences, but {len(table)} "
                "were guessed; make the guesses again"
            )
    return done
