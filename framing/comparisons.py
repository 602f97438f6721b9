"""One story side by side: which outlet uses which device, and in whose voice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from framing.codebook import Codebook, load_codebook
from framing.counts import source_of
from framing.errors import FramingError
from framing.records import LabelledSentence
from framing.stories import Stories, StoryArticle

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

OWN_WORDS = "own words"
UNTOLD = "voice not told"
NONE = "–"
_CELL = "text-align:left;vertical-align:top;white-space:pre-line"
_Key = tuple[str, str, str | None, str | None]  # outlet, code, voice, source


@dataclass(frozen=True, slots=True)
class Use:
    """How often one outlet's articles of a story carry a code in one voice.

    Attributes:
        voice: ``outlet``, ``quoted``, ``attributed``, or nothing where the labels do not tell.
        source: Whose words they are, where the labels name somebody.
        sentences: At least 1.
        copied: How many of them other outlets print too.
    """

    outlet: str
    code: str
    voice: str | None
    source: str | None
    sentences: int
    copied: int

    def __str__(self) -> str:
        whose = OWN_WORDS if self.voice == "outlet" else self.voice or UNTOLD
        source = f": {self.source}" if self.source else ""
        copied = f" ({self.copied} copied)" if self.copied else ""
        return f"{self.sentences} {whose}{source}{copied}"


@dataclass(frozen=True, slots=True, repr=False)
class StoryView:
    """A story as a table; shows itself in a terminal (rich) and in a notebook. Made by `view_story`.

    Attributes:
        story: Its number in the stories file.
        articles: Its articles.
        sentences: The labelled sentences of each of its outlets.
        uses: By outlet, then by code in the order of the labels, then the most frequent first.
        codebook: What the codes are called.
    """

    story: int
    articles: tuple[StoryArticle, ...]
    sentences: Mapping[str, int]
    uses: tuple[Use, ...]
    codebook: Codebook

    def __repr__(self) -> str:
        """One line: a notebook stores it beside the table."""
        return f"<view of story {self.story}, {len(self.articles)} articles>"

    def to_rows(self) -> list[tuple[str, ...]]:
        """The table as text: a heading with the outlets, a row of sentences, and a row for each code used.

        A cell has a line for each voice and source. Names are as the input gave them: escape markup when
        printing.
        """
        cells: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for use in self.uses:
            cells[use.code][use.outlet].append(str(use))
        rows = [("", *self.sentences), ("sentences", *map(str, self.sentences.values()))]
        used = sorted(cells, key=lambda code: (-len(cells[code]), self._name(code)))
        for code in used:
            rows.append(
                (self._name(code), *("\n".join(cells[code][outlet]) or NONE for outlet in self.sentences))
            )
        return rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Show the titles of the story's articles, then the table."""
        from rich.table import Table
        from rich.text import Text

        from framing.views import clean

        yield Text(f"story {self.story}", style="bold")
        for article in self.articles:
            when = f", {article.date}" if article.date else ""
            yield Text(clean(f"  {article.outlet}{when}: {article.title}"))
        heading, *rows = self.to_rows()
        table = Table(show_lines=True)
        for name in heading:
            table.add_column(Text(clean(name)), overflow="fold")
        for row in rows:
            table.add_row(*(Text("\n".join(map(clean, cell.split("\n")))) for cell in row))
        yield table

    def _repr_html_(self) -> str:
        """The same table for a notebook; text of articles stays text."""
        titles = "".join(
            f"<li>{escape(', '.join(filter(None, (a.outlet, a.date))))}: {escape(a.title)}</li>"
            for a in self.articles
        )
        heading, *rows = self.to_rows()
        head = "".join(f"<th>{escape(name)}</th>" for name in heading)
        body = "".join(
            "<tr>" + "".join(f"<td style='{_CELL}'>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in rows
        )
        return f"<b>story {self.story}</b><ul>{titles}</ul><table><tr>{head}</tr>{body}</table>"

    def _name(self, code: str) -> str:
        return self.codebook[code].name if code in self.codebook else code


def view_story(
    labelled: Iterable[LabelledSentence],
    stories: Stories,
    story: int = 1,
    *,
    codebook: Codebook | None = None,
) -> StoryView:
    """Sets the outlets of one story side by side.

    Args:
        labelled: Labelled sentences of the story's articles, or of many; read once.
        stories: The stories.
        story: Its number; 1 is told by most outlets.
        codebook: What the codes are called; the codebook that ships if not given.

    Raises:
        FramingError: There is no such story, or none of its sentences is labelled.
    """
    groups = stories.groups()
    if story not in groups:
        raise FramingError(f"no story {story}, expected a number from 1 to {max(groups)}")
    counts = StoryCounts(stories, {story})
    for _ in counts.watch(labelled):
        pass
    found = counts.views(codebook or load_codebook())
    if not found:
        raise FramingError(f"no labelled sentence of story {story}; label the articles of the stories")
    return found[0]


class StoryCounts:
    """Counts who uses which code in some stories, while labelled sentences pass by.

    Args:
        stories: The stories.
        wanted: The numbers of those to count.
    """

    def __init__(self, stories: Stories, wanted: Collection[int]) -> None:
        self._groups = {number: told for number, told in stories.groups().items() if number in wanted}
        self._articles = {article.article_id: article for told in self._groups.values() for article in told}
        self._sentences: dict[int, Counter[str]] = defaultdict(Counter)
        self._found: dict[int, dict[_Key, list[bool]]] = defaultdict(lambda: defaultdict(list))
        self._codes: tuple[str, ...] = ()

    def watch(self, labelled: Iterable[LabelledSentence]) -> Iterator[LabelledSentence]:
        """Yields the sentences as they come, and counts those of the stories."""
        for sentence in labelled:
            article = self._articles.get(sentence.article_id)
            if article:
                self._codes = self._codes or tuple(sentence.scores)
                self._sentences[article.story][sentence.outlet] += 1
                copied = sentence.index in article.copied
                for label in sentence.labels:
                    key = sentence.outlet, label.code, label.voice, source_of(label)
                    self._found[article.story][key].append(copied)
            yield sentence

    def views(self, codebook: Codebook) -> list[StoryView]:
        """The stories of which a sentence was counted, by number."""
        return [self._view(story, codebook) for story in sorted(self._sentences)]

    def _view(self, story: int, codebook: Codebook) -> StoryView:
        uses = [Use(*key, len(copies), sum(copies)) for key, copies in self._found[story].items()]
        place = {code: at for at, code in enumerate(self._codes)}
        uses.sort(
            key=lambda use: (use.outlet, place[use.code], -use.sentences, str(use.voice), use.source or "")
        )
        counts = {outlet: self._sentences[story][outlet] for outlet in sorted(self._sentences[story])}
        return StoryView(story, self._groups[story], counts, tuple(uses), codebook)
