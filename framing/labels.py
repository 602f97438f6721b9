"""What labelling gives: labelled sentences with how they were made, and the count of what was labelled."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from framing.records import Article, LabelledSentence, Provenance

if TYPE_CHECKING:
    import pandas


class Labels(Sequence[LabelledSentence]):
    """Labelled sentences, in the order of the articles, and how they were made."""

    def __init__(self, sentences: Iterable[LabelledSentence], provenance: Provenance) -> None:
        self._sentences = tuple(sentences)
        self.provenance = provenance

    @overload
    def __getitem__(self, index: int) -> LabelledSentence: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[LabelledSentence, ...]: ...
    def __getitem__(self, index: int | slice) -> LabelledSentence | tuple[LabelledSentence, ...]:
        return self._sentences[index]

    def __len__(self) -> int:
        return len(self._sentences)

    def to_pandas(self) -> "pandas.DataFrame":
        """Return a table: one row a sentence, a column of scores for each code, the labels as lists."""
        import pandas

        return pandas.DataFrame(
            {
                "article_id": s.article_id,
                "outlet": s.outlet,
                "index": s.index,
                "text": s.text,
                "labels": [label.code for label in s.labels],
                "voice": s.voice,
                **s.scores,
            }
            for s in self._sentences
        )


@dataclass
class Tally:
    """What has been labelled so far, and the running hash over it."""

    articles: int = 0
    sentences: int = 0

    def __post_init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, article: Article, sentences: int) -> None:
        """Count an article."""
        self.articles += 1
        self.sentences += sentences
        self._hash.update(json.dumps([article.id, article.outlet, article.text]).encode())

    @property
    def sha256(self) -> str:
        """Hash over id, outlet and text of the articles so far."""
        return self._hash.hexdigest()
