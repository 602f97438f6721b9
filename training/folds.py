"""Folds of training articles: a run can guess what it left out without having learned it (cross-fitting)."""

import re
import zlib
from typing import NamedTuple

from framing.errors import FramingError
from training.corpora import GoldArticle


class Fold(NamedTuple):
    """One of `folds` parts of all training articles, by its number from 0."""

    number: int
    folds: int


def parse_fold(text: str) -> Fold:
    """Read a fold as in ``0/4``, the first of four.

    Raises:
        FramingError: If it is none.
    """
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if found and int(found[1]) < int(found[2]):
        return Fold(int(found[1]), int(found[2]))
    raise FramingError(f"fold {text!r}: expected one as in 0/4, 1/4, 2/4 or 3/4, if there are four")


def holds(fold: Fold, article: GoldArticle) -> bool:
    """Say whether an article is of a fold; by its name alone, so that other articles change nothing."""
    return zlib.crc32(f"{article.corpus}/{article.id}".encode()) % fold.folds == fold.number
