"""Whether labels are whole: each sentence once, and as many as were labelled."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from framing.errors import FramingError
from framing.records import LabelledSentence, Provenance
from framing.store import read_labels, read_provenance

Place = tuple[str, str]
"""An outlet and the id of an article: outlets that were labelled apart may have the same ids."""


def read_whole(path: Path | str) -> Iterator[LabelledSentence]:
    """Read labels as `framing.store.read_labels` does, and hold them against the file's own provenance.

    Raises:
        FramingError: If the file can't be read, or as `check_whole` does.
    """
    return check_whole(read_labels(path), read_provenance(path), str(path))


def check_whole(
    labelled: Iterable[LabelledSentence], provenance: Provenance | None = None, name: str = "labels"
) -> Iterator[LabelledSentence]:
    """Pass labelled sentences on, in any order; what is kept of them is little where articles are in order.

    Args:
        labelled: The sentences.
        provenance: Of the one run that made them all, if it was one.
        name: What they are called in errors: their file.

    Raises:
        FramingError: If they are something else than labelled sentences, or one comes twice; of one run also
            if an article has two outlets, or, at the end, their number is not that of the provenance.
    """
    if isinstance(labelled, str) or not isinstance(labelled, Iterable):
        raise _not_labelled(name, labelled)
    return _check_each(labelled, provenance, name)


def _check_each(
    labelled: Iterable[LabelledSentence], provenance: Provenance | None, name: str
) -> Iterator[LabelledSentence]:
    outlets: dict[str, str] = {}
    following: dict[Place, int] = {}  # what comes after the sentences that an article began with, in order
    others: set[tuple[Place, int]] = set()
    number = 0
    for number, sentence in enumerate(labelled, 1):
        if not isinstance(sentence, LabelledSentence):
            raise _not_labelled(name, sentence)
        outlet, article = place = sentence.outlet, sentence.article_id
        if provenance and (before := outlets.setdefault(article, outlet)) != outlet:
            raise FramingError(
                f"{name}:{number}: article {article!r} is of outlet {outlet!r}, expected {before!r} as in "
                "the rows before; label again"
            )
        expected = following.get(place, 0)
        if sentence.index < expected or (place, sentence.index) in others:
            raise FramingError(
                f"{name}:{number}: sentence {sentence.index} of article {article!r} comes a second time, "
                "expected each sentence once; leave repeated rows out, or label again"
            )
        if sentence.index == expected:
            following[place] = expected + 1
        else:
            others.add((place, sentence.index))
        yield sentence
    if provenance and (number, len(outlets)) != (provenance.sentences, provenance.articles):
        raise FramingError(
            f"{name}: found {number} sentences of {len(outlets)} articles, expected {provenance.sentences} "
            f"of {provenance.articles} as its provenance says; give the whole file, or profile a part of "
            "it in Python: framing.build_profiles"
        )


def _not_labelled(name: str, found: object) -> FramingError:
    return FramingError(
        f"{name}: found {type(found).__name__}, expected labelled sentences as Model.label and read_labels "
        "give them"
    )
