"""How the classifier errs, learned from a model's development articles, and taken out of a rate.

A sum of calibrated probabilities says too little about an outlet that differs from the development
articles: its rate moves by `slope` where the true rate moves by 1. The correction divides by that slope
(probabilistic adjusted count: Bella et al. 2010, "Quantification via Probability Estimators"), with two
changes that real articles ask for:

- **The slope is that of articles, not of sentences.** Articles that carry more of a label also raise the
  probabilities of their other sentences. The slope between articles is the covariance of one sentence's
  probability with another's gold label over that of two gold labels, pairs of sentences of one article:
  `separation + w (1 - separation)`, where `separation` is the difference of the mean probability of
  sentences with and without the label, and `w`, one number for all labels, is estimated by these moments.
- **What the outlet's data cannot tell is not corrected.** The corrected and the plain sum are combined as
  Green and Strawderman (1991, "A James-Stein Type Estimator for Combining Unbiased and Possibly Biased
  Estimators", JASA 86) do: all of the correction where it is large against its own noise, none where it is
  all noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from framing.bootstrap import make_generator, resample
from framing.development import UNREAD, Development, load_development
from framing.records import Provenance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_SEPARATION = 0.1  # below it a sentence's probability is worth less than a tenth of its gold label
LEAST_POSITIVES = 20  # development sentences that carry the code
LEAST_CARRYING = 8  # development articles that do
STREAM = "\0development"  # no outlet is called so


@dataclass(frozen=True, slots=True)
class CorrectionInfo:
    """What a profile says of its correction.

    Attributes:
        method: Its name; nothing where there is no correction.
        corpus: Where the development articles come from.
        articles: How many there are.
        sentences: How many sentences they have.
        note: Why there is no correction; else nothing.
    """

    method: str | None = None
    corpus: str = ""
    articles: int = 0
    sentences: int = 0
    note: str | None = None


UNCORRECTED = CorrectionInfo()


@dataclass(frozen=True, slots=True)
class Errors:
    """How the classifier errs.

    Every array is (rows, codes), row 0 from all development articles, each further row from one draw of them.

    Attributes:
        prevalence: True share of development sentences that carry the code.
        mean: Their mean probability.
        labelled: Share of them that are labelled.
        slope: By how much the mean probability moves where the true share moves by 1, in (0, 1].
        ratio: By how much the share of labels moves where the mean probability moves by 1.
        own: (rows, 1): of labels in the outlet's own voice, the share that are given that voice.
        lent: (rows, 1): of labels in a source's voice, the share that are given the outlet's.
    """

    prevalence: Floats
    mean: Floats
    labelled: Floats
    slope: Floats
    ratio: Floats
    own: Floats
    lent: Floats


class Correction:
    """The classifier's errors on development articles.

    Attributes:
        codes: What it corrects.
        reasons: For each code why its rate cannot be corrected; None where it can.
        method: Its name.
    """

    method = "probabilistic adjusted count between articles"

    def __init__(self, development: Development) -> None:
        self.codes = development.codes
        self._development = development
        self._drawn: dict[tuple[int, int], Errors] = {}
        self.reasons = self._judge()

    @property
    def info(self) -> CorrectionInfo:
        """What a profile says of it."""
        return CorrectionInfo(
            self.method,
            self._development.corpus,
            self._development.voices.shape[0],
            len(self._development.article),
        )

    @property
    def tells_voices(self) -> bool:
        """Whether both voices stand among the development labels."""
        return bool((self._development.voices.sum((0, 2)) > 0).all())

    def drawn(self, draws: int, seed: int) -> Errors:
        """The errors, from all articles (row 0) and from draws of them; the same for every group."""
        import numpy as np

        if (draws, seed) not in self._drawn:
            articles = self._development.voices.shape[0]
            weights = resample(articles, make_generator(seed, STREAM), draws)
            self._drawn = {(draws, seed): self._learn(np.vstack([np.ones(articles), weights]))}
        return self._drawn[draws, seed]

    @cached_property
    def separation(self) -> Floats:
        """Mean probability of sentences with the code less that of those without, (codes,)."""
        import numpy as np

        sums = self._sums
        with np.errstate(invalid="ignore", divide="ignore"):
            hit = sums["pg"].sum(1) / sums["g"].sum(1)
            miss = (sums["p"] - sums["pg"]).sum(1) / (sums["n"] - sums["g"]).sum(1)
        return np.asarray(np.nan_to_num(hit - miss))

    @cached_property
    def _sums(self) -> dict[str, Floats]:
        """Sums by article, (codes, articles): sentences n, gold g, probabilities p, labels l, products."""
        import numpy as np

        held = self._development
        read = (held.gold != UNREAD).astype(np.float64)
        gold = np.where(held.gold == 1, 1.0, 0.0)
        parts = {
            "n": read,
            "g": gold,
            "p": held.scores * read,
            "pg": held.scores * gold,
            "l": held.labelled * read,
            "lg": held.labelled * gold,
        }
        starts = np.searchsorted(held.article, np.arange(held.voices.shape[0]))
        return {name: np.add.reduceat(part, starts, axis=0).T for name, part in parts.items()}

    @property
    def carrying(self) -> tuple[int, ...]:
        """How many development articles carry each code."""
        return tuple((self._sums["g"] > 0).sum(1).tolist())

    def _judge(self) -> tuple[str | None, ...]:
        gold = self._sums["g"]
        reasons: list[str | None] = []
        for code, separation in enumerate(self.separation.tolist()):
            positives, carrying = int(gold[code].sum()), int((gold[code] > 0).sum())
            if positives < LEAST_POSITIVES or carrying < LEAST_CARRYING:
                reasons.append(
                    f"not corrected: {positives} development sentences of {carrying} articles carry it, it "
                    f"takes {LEAST_POSITIVES} of {LEAST_CARRYING}"
                )
            elif separation < LEAST_SEPARATION:
                reasons.append(
                    "not corrected: the model hardly tells development sentences with it from those without"
                )
            else:
                reasons.append(None)
        return tuple(reasons)

    def _learn(self, weights: Floats) -> Errors:
        """The errors when articles count so and so often; weights (rows, articles)."""
        import numpy as np

        sums = self._sums
        n, g, p, pg, labels, lg = (weights @ sums[name].T for name in ("n", "g", "p", "pg", "l", "lg"))
        with np.errstate(invalid="ignore", divide="ignore"):
            prevalence, mean, labelled = g / n, p / n, labels / n
            least = (p - pg) / (n - g)
            separation = np.clip(np.nan_to_num(pg / g - least), LEAST_SEPARATION / 4, 1)
            gap = np.nan_to_num(lg / g - (labels - lg) / (n - g))
        known = np.array([reason is None for reason in self.reasons])
        excess = _excess(weights, sums, prevalence, mean, separation, known)
        told = np.tensordot(weights, self._development.voices, axes=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = np.nan_to_num(told[:, :, 0] / told.sum(2), nan=0.5)
        return Errors(
            np.nan_to_num(prevalence),
            np.nan_to_num(mean),
            np.nan_to_num(labelled),
            separation + excess * (1 - separation),
            gap / separation,
            shares[:, :1],
            shares[:, 1:],
        )


def _excess(
    weights: Floats,
    sums: dict[str, Floats],
    prevalence: Floats,
    mean: Floats,
    separation: Floats,
    known: NDArray[np.bool_],
) -> Floats:
    """`w` of the module's text, (rows, 1) in [0, 1]: moments of pairs of sentences, all codes together.

    Sums over pairs i != j of one article are those over all pairs less those of a sentence with itself.
    Codes count by 1 / prevalence, so that frequent ones do not decide alone.
    """
    import numpy as np

    def total(article: Floats) -> Floats:
        return np.asarray(weights @ article.T)

    n, g, p = sums["n"], sums["g"], sums["p"]
    together = (
        total(p * g) - prevalence * total(p * n) - mean * total(g * n) + mean * prevalence * total(n * n)
    )
    itself = total(sums["pg"]) - mean * total(g) - prevalence * total(p) + mean * prevalence * total(n)
    alike = total(g * g) - 2 * prevalence * total(g * n) + prevalence**2 * total(n * n)
    alike -= total(g) * (1 - 2 * prevalence) + prevalence**2 * total(n)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(known & (prevalence > 0), 1 / prevalence, 0.0)
        above = (np.nan_to_num(together - itself - separation * alike) * share).sum(1, keepdims=True)
        below = (np.nan_to_num((1 - separation) * alike) * share).sum(1, keepdims=True)
        return np.where(below > 0, np.clip(above / below, 0, 1), 1.0)


def load_correction(provenance: Provenance | None, folder: Path) -> tuple[Correction | None, CorrectionInfo]:
    """The correction for labels that a model folder's network made.

    Args:
        provenance: How the labels were made.
        folder: The model's folder.

    Returns:
        The correction and what to say of it; None, and why, where the folder's development sentences are
        missing or are not of the network and the decisions that made the labels.

    Raises:
        FramingError: The development file is broken.
    """
    if provenance is None:
        return None, CorrectionInfo(note="the labels do not say which model made them")
    development = load_development(folder)
    if development is None:
        return None, CorrectionInfo(note="the model has no development sentences")
    decisions = provenance.files.get("decisions.json", development.decisions_sha256)
    if (development.weights_sha256, development.decisions_sha256) != (provenance.weights_sha256, decisions):
        return None, CorrectionInfo(note=f"the labels were not made by this model, but by {provenance.model}")
    if set(development.codes) != set(provenance.codes):
        return None, CorrectionInfo(note="the model's development sentences hold other codes than the labels")
    correction = Correction(development)
    return correction, correction.info
