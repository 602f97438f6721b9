"""What a model said of the articles it was calibrated on, beside what readers said: it travels with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from framing.errors import FramingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Counts = NDArray[np.int64]

DEVELOPMENT = "development.npz"
SCALE = 10_000  # a score has four digits
UNREAD = -1


@dataclass(frozen=True, slots=True)
class Development:
    """Development sentences: no text, only what was said of them.

    Scores are cross-validated: those of a sentence come from curves that its own article did not help to
    fit. Labels are those that the model gives, by the thresholds that it ships with.

    Attributes:
        codes: What the columns stand for.
        article: Position of each sentence's article, (sentences,), from 0, ascending.
        scores: Calibrated probabilities, (sentences, codes).
        labelled: Whether the model gives the label, (sentences, codes).
        gold: What readers found, (sentences, codes): 1 or 0, -1 where nobody looked.
        voices: Labels rightly given, by article, annotated voice and given voice, (articles, 2, 2); place
            0 is the outlet's own voice, 1 a source's.
        corpus: Where the articles come from.
        weights_sha256: Hash of the weights that gave the scores.
        decisions_sha256: Hash of the model's decisions.
    """

    codes: tuple[str, ...]
    article: Counts
    scores: Floats
    labelled: Bools
    gold: NDArray[np.int8]
    voices: Counts
    corpus: str
    weights_sha256: str
    decisions_sha256: str

    def save(self, folder: Path) -> None:
        """Write it into a model folder."""
        import numpy as np

        np.savez_compressed(
            folder / DEVELOPMENT,
            codes=np.array(self.codes),
            article=self.article.astype(np.int32),
            scores=np.rint(self.scores * SCALE).astype(np.uint16),
            labelled=self.labelled,
            gold=self.gold.astype(np.int8),
            voices=self.voices.astype(np.int32),
            corpus=np.array(self.corpus),
            weights_sha256=np.array(self.weights_sha256),
            decisions_sha256=np.array(self.decisions_sha256),
        )


def load_development(folder: Path) -> Development | None:
    """Read a model folder's development sentences; nothing where it has none.

    Raises:
        FramingError: The file is broken.
    """
    import zipfile

    import numpy as np

    path = folder / DEVELOPMENT
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as held:
            found = Development(
                tuple(held["codes"].tolist()),
                held["article"].astype(np.int64),
                held["scores"].astype(np.float64) / SCALE,
                held["labelled"].astype(bool),
                held["gold"].astype(np.int8),
                held["voices"].astype(np.int64),
                *(str(held[name]) for name in ("corpus", "weights_sha256", "decisions_sha256")),
            )
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise FramingError(
            f"{path}: broken ({error}); get the model again, or make it by `python -m training development`"
        ) from None
    shape = (len(found.article), len(found.codes))
    if not len(found.article) or {found.scores.shape, found.labelled.shape, found.gold.shape} != {shape}:
        raise FramingError(f"{path}: scores, labels and gold do not fit each other; get the model again")
    return found
