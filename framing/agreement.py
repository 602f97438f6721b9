"""How far two labellings of the same sentences agree."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from framing.records import LabelledSentence


@dataclass(frozen=True, slots=True)
class Agreement:
    """What another engine or precision labels otherwise than the reference.

    Attributes:
        sentences: How many were compared.
        decisions: Sentences × codes: each is a label given or not.
        given: Labels that the reference gives.
        flipped: Labels that one of the two gives and the other does not.
        largest: The largest difference of a score, in [0, 1].
    """

    sentences: int
    decisions: int
    given: int
    flipped: int
    largest: float

    @property
    def decisions_differ(self) -> float:
        """Share of all decisions that differ, in [0, 1]."""
        return self.flipped / max(self.decisions, 1)

    @property
    def labels_differ(self) -> float:
        """Labels that flipped, for each that the reference gives: 0 or more."""
        return self.flipped / max(self.given, 1)

    def to_dict(self) -> dict[str, float]:
        """Return the counts and the shares."""
        shares = {"decisions_differ": self.decisions_differ, "labels_differ": self.labels_differ}
        return asdict(self) | shares


def compare_labels(reference: Iterable[LabelledSentence], others: Iterable[LabelledSentence]) -> Agreement:
    """Compare labels of the same sentences in the same order.

    Args:
        reference: As the reference labels them.
        others: As the other does.

    Raises:
        ValueError: If one has more sentences.
    """
    sentences = decisions = given = flipped = 0
    largest = 0.0
    for one, other in zip(reference, others, strict=True):
        sentences += 1
        decisions += len(one.scores)
        given += len(one.labels)
        flipped += len({label.code for label in one.labels} ^ {label.code for label in other.labels})
        moved = (abs(score - other.scores[code]) for code, score in one.scores.items())
        largest = max(largest, max(moved, default=0.0))
    return Agreement(sentences, decisions, given, flipped, round(largest, 6))
