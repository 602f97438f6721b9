"""The share of an outlet's sentences that carry a code, as each of the estimates has it."""

from __future__ import annotations

from dataclasses import dataclass

METHODS = ("corrected", "gold")


@dataclass(frozen=True, slots=True)
class Prevalence:
    """The share of an outlet's sentences that carry a code: counted, corrected, and shrunk.

    Every interval is at 95 % and draws whole articles. A corrected figure is an estimate of what a reader
    would find; the observed one only says what the classifier did.

    Attributes:
        positives: Sentences that the classifier labels with it.
        sentences: All sentences of the outlet, at least 1.
        articles: The articles they come from, at least 1.
        observed: `positives / sentences`, in [0, 1]: a raw count of what the classifier said.
        low: Lower end of the interval of the count, in [0, 1]; nothing where there is no interval.
        high: Upper end of it; nothing where there is no interval.
        reason: Why there is no interval; else nothing.
        carrying: Articles with at least one labelled sentence.
        design_effect: Variance of `observed` over articles by what it would be if sentences were
            independent, at least 0: `sentences / design_effect` is what they are worth. Nothing without an
            interval.
        corrected: Estimate of the true share, in [0, 1]; nothing where there is none.
        corrected_low: Lower end of its interval, which holds the correction's own uncertainty too.
        corrected_high: Upper end of it.
        corrected_reason: Why there is no corrected share, or no interval of it; else nothing.
        method: What made `corrected`: ``corrected``, from the model's development articles, or ``gold``,
            from the user's own labels of a sample.
        doubt: Why the correction is to be distrusted here; nothing where nothing speaks against it.
        shrunk: `corrected` (or `observed`, where there is none), drawn towards the other outlets by how
            unsure it is, in [0, 1]; nothing with too few outlets.
        shrunk_low: Lower end of its interval.
        shrunk_high: Upper end of it.
    """

    positives: int
    sentences: int
    articles: int
    observed: float
    low: float | None = None
    high: float | None = None
    reason: str | None = None
    carrying: int = 0
    design_effect: float | None = None
    corrected: float | None = None
    corrected_low: float | None = None
    corrected_high: float | None = None
    corrected_reason: str | None = None
    method: str | None = None
    doubt: str | None = None
    shrunk: float | None = None
    shrunk_low: float | None = None
    shrunk_high: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.positives <= self.sentences:
            raise ValueError(f"{self.positives} positives, expected 0 to {self.sentences}")
        if not 1 <= self.articles <= self.sentences:
            raise ValueError(f"{self.articles} articles, expected 1 to {self.sentences}")
        if not 0 <= self.observed <= 1:
            raise ValueError(f"observed is {self.observed}, expected 0 to 1")
        _check_interval(self.low, self.high, self.reason)
        if self.corrected is None:
            if self.corrected_low is not None or self.method is not None:
                raise ValueError("an interval or a method of a corrected share that is not there")
        else:
            if not 0 <= self.corrected <= 1 or self.method not in METHODS:
                raise ValueError(
                    f"corrected is {self.corrected} by {self.method!r}, expected 0 to 1 by {METHODS}"
                )
            _check_interval(self.corrected_low, self.corrected_high, self.corrected_reason)

    @property
    def best(self) -> tuple[float, float | None, float | None]:
        """The share to show first and its interval: corrected where there is one, else counted."""
        if self.corrected is not None:
            return self.corrected, self.corrected_low, self.corrected_high
        return self.observed, self.low, self.high


def _check_interval(low: float | None, high: float | None, reason: str | None) -> None:
    if low is None or high is None:
        if low is not high or not reason:
            raise ValueError("an interval needs both its ends, and a missing one its reason")
    elif not 0 <= low < high <= 1:
        raise ValueError(f"the interval is [{low}, {high}], expected 0 <= low < high <= 1")
