"""One labelled article to read: in a terminal, or in a notebook."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from framing.codebook import Codebook, load_codebook
from framing.errors import FramingError
from framing.evidence import cut_pieces, mark_characters
from framing.records import Article, Label, LabelledSentence

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

# Control characters of a text could steer the terminal that shows it.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MARK = "background:#ffe3a3;color:#16202a;border-radius:2px;padding:.05em .12em"
_NOTE = "color:#55606a;font-size:.85em"


@dataclass(frozen=True, slots=True, repr=False)
class ArticleView:
    """An article with its labels; shows itself in a terminal (rich) and in a notebook.

    Made by `view_article`.

    Attributes:
        sentences: All the article's sentences, in order.
        codebook: What the labels are called.
    """

    article: Article
    sentences: tuple[LabelledSentence, ...]
    codebook: Codebook

    def __repr__(self) -> str:
        """One line: a notebook stores it beside the view."""
        return f"<view of article {self.article.id!r}, {len(self.sentences)} sentences>"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Show every sentence on a line of its own, the words that carry a label marked, notes below."""
        from rich.padding import Padding
        from rich.text import Text

        yield Text(clean(f"{self.article.id}, {self.article.outlet}"), style="bold")
        for sentence in self.sentences:
            line = Text()
            for piece, marked in _pieces(sentence):
                line.append(clean(piece), style="bold reverse" if marked else "")
            yield line
            for label in sentence.labels:
                note = Text(clean(self._note(label, sentence)), style="dim")
                yield Padding(note, (0, 0, 0, 4), expand=False)

    def _repr_html_(self) -> str:
        rows = []
        for sentence in self.sentences:
            pieces = (
                f'<mark style="{_MARK}">{html.escape(piece)}</mark>' if marked else html.escape(piece)
                for piece, marked in _pieces(sentence)
            )
            notes = (
                f'<div style="{_NOTE}">{html.escape(self._note(label, sentence))}</div>'
                for label in sentence.labels
            )
            rows.append(f'<div dir="auto" style="margin:.35em 0">{"".join(pieces)}{"".join(notes)}</div>')
        title = html.escape(f"{self.article.id}, {self.article.outlet}")
        return f"<div><b>{title}</b>{''.join(rows)}</div>"

    def _note(self, label: Label, sentence: LabelledSentence) -> str:
        name = self.codebook[label.code].name if label.code in self.codebook else label.code
        words = " … ".join(
            " ".join(sentence.text[start - sentence.start : end - sentence.start].split())
            for start, end in label.spans
        )
        voice = f", {label.voice}" if label.voice else ""
        source = f": {label.source}" if label.source else ""
        return f"{name} {label.score:.2f}{voice}{source}" + (f" ({words})" if words else "")


def view_article(
    article: Article,
    labelled: Iterable[LabelledSentence],
    *,
    codebook: Codebook | None = None,
    min_score: float = 0.0,
) -> ArticleView:
    """Set one article out for reading.

    Args:
        article: The article.
        labelled: Labelled sentences, of this article or of many.
        codebook: What the labels are called; the codebook that ships if not given.
        min_score: Labels of a lower score are not shown; in [0, 1]. A score is the probability that the label
            is right, as it was on development data.

    Raises:
        FramingError: If none of the sentences is the article's, or there is no such score.
    """
    if not 0 <= min_score <= 1:
        raise FramingError(f"min_score: found {min_score}, expected a score from 0 to 1")
    own = tuple(
        replace(sentence, labels=tuple(label for label in sentence.labels if label.score >= min_score))
        for sentence in labelled
        if sentence.article_id == article.id
    )
    if not own:
        raise FramingError(f"no labelled sentence of article {article.id!r}; label it first")
    return ArticleView(article, own, codebook or load_codebook())


def _pieces(sentence: LabelledSentence) -> list[tuple[str, bool]]:
    """Cut a sentence where words that carry a label begin or end."""
    spans = [span for label in sentence.labels for span in label.spans]
    marked = mark_characters(sentence.text, sentence.start, spans)
    return cut_pieces(sentence.text, marked, 0, len(marked))


def clean(text: str) -> str:
    """One line without the control characters that could steer a terminal."""
    return _CONTROL.sub("�", " ".join(text.split("\n")))
