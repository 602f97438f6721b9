"""Gold corpora, read from where the user keeps them: articles as sentences, with labels and spans."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from framing.codebook import load_codebook
from framing.errors import FramingError
from framing.records import Article, Sentence, Span
from framing.sentences import split_sentences
from framing.tagging import TAGS
from training.config import RunConfig
from training.memes import read_memes
from training.polnear import ROLES, AttributedArticle, read_polnear
from training.story_corpora import read_newswcl50


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """Words that carry a code: offsets into the article's text, half open."""

    code: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class GoldRole:
    """Words with a role in an attribution: the place of the role in `framing.tagging.TAGS`, and offsets."""

    tag: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class GoldArticle:
    """An article of a corpus with what its annotators marked.

    Attributes:
        known: The codes that the corpus annotates; of others nothing is known.
        known_here: Further codes that single sentences were read for, by the sentence's index.
        roles: Stretches of source, cue and content; nothing where the corpus does not annotate them.
        voiced: Stretches whose tag is known where `roles` is nothing: a label's words and whose they are.
        guesses: Another network's probabilities, (sentences, `guessed`).
        guessed: The codes of `guesses`.
        muted: Indices of sentences whose gold must not be learned from (copies of a sentence of dev).
    """

    corpus: str
    id: str
    text: str
    sentences: tuple[Sentence, ...]
    spans: tuple[GoldSpan, ...]
    known: frozenset[str]
    roles: tuple[GoldRole, ...] | None = None
    voiced: tuple[GoldRole, ...] = ()
    guesses: NDArray[np.float32] | None = None
    guessed: tuple[str, ...] = ()
    muted: frozenset[int] = frozenset()
    known_here: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def codes_of(self, sentence: Sentence) -> frozenset[str]:
        """Return the codes with a span that overlaps a sentence."""
        return frozenset(s.code for s in self.spans if s.start < sentence.end and sentence.start < s.end)

    def known_of(self, sentence: Sentence) -> frozenset[str]:
        """Return the codes of which it is known whether a sentence carries them."""
        return self.known | self.known_here.get(sentence.index, frozenset())


def split_lines(text: str) -> tuple[Sentence, ...]:
    """Split a text that has one sentence a line; empty lines are none."""
    lines = re.finditer(r"[^\s][^\n]*", text)
    return tuple(
        Sentence(index, m.start(), m.start() + len(m.group().rstrip()), m.group().rstrip())
        for index, m in enumerate(lines)
    )


def read_ptc(folder: Path, part: str) -> list[GoldArticle]:
    """Read PTC (SemEval-2020 Task 11): one sentence a line, 14 techniques with spans.

    Args:
        folder: Folder with `PART-articles/` and `PART-task-flc-tc.labels`.
        part: ``train`` or ``dev``.

    Raises:
        FramingError: If a file is missing or a line of the labels is not as expected.
    """
    articles_folder = folder / f"{part}-articles"
    paths = sorted(articles_folder.glob("article*.txt"), key=lambda p: p.name)
    if not paths:
        raise FramingError(
            f"{articles_folder}: no article*.txt there, expected PTC's articles; check --corpora"
        )
    spans = _read_ptc_spans(folder / f"{part}-task-flc-tc.labels")
    known = frozenset(t.code for t in load_codebook().techniques)
    articles = []
    for path in paths:
        number = path.stem.removeprefix("article")
        text = path.read_bytes().decode("utf8")
        articles.append(
            GoldArticle("ptc", number, text, split_lines(text), tuple(spans.get(number, ())), known)
        )
    return articles


def _read_ptc_spans(path: Path) -> dict[str, list[GoldSpan]]:
    codes = {t.ptc: t.code for t in load_codebook().techniques}
    if not path.is_file():
        raise FramingError(f"{path}: no such file, expected PTC's labels; check --corpora")
    spans: dict[str, list[GoldSpan]] = {}
    for number, line in enumerate(path.read_text("utf8").splitlines(), 1):
        fields = line.split("\t")
        if len(fields) != 4 or fields[1] not in codes or not (fields[2] + fields[3]).isdigit():
            raise FramingError(
                f"{path}:{number}: found {line[:80]!r}, expected article, technique, start and end "
                "between tabs; get the file again from the corpus"
            )
        spans.setdefault(fields[0], []).append(GoldSpan(codes[fields[1]], int(fields[2]), int(fields[3])))
    return spans


def mute_copies(articles: list[GoldArticle], held_out: list[GoldArticle]) -> list[GoldArticle]:
    """Mute sentences of `COPY_WORDS` or more that stand in held-out articles, case and marks aside."""
    seen = {_plain(s.text) for a in held_out for s in a.sentences}
    return [
        replace(
            a,
            muted=frozenset(
                s.index for s in a.sentences if len(s.text.split()) >= COPY_WORDS and _plain(s.text) in seen
            ),
        )
        for a in articles
    ]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def read_attributed(folder: Path, part: str) -> list[tuple[GoldArticle, AttributedArticle]]:
    """Read PolNeAR's articles, as gold to learn from and as annotated.

    Their sentences are split as labelling splits them.

    Raises:
        FramingError: As `training.polnear.read_polnear`.
    """
    return [(_as_gold(article), article) for article in read_polnear(folder, part)]


def read_attributions(folder: Path, part: str) -> list[GoldArticle]:
    """Read PolNeAR's articles as gold to learn from; see `read_attributed`."""
    return [gold for gold, _ in read_attributed(folder, part)]


def _as_gold(article: AttributedArticle) -> GoldArticle:
    return GoldArticle(
        "polnear",
        article.id,
        article.text,
        split_sentences(Article(article.id, article.publisher, article.text)),
        spans=(),
        known=frozenset(),
        roles=tuple(
            GoldRole(TAGS.index(role), start, end)
            for attribution in article.attributions
            for role in ROLES
            for start, end in attribution.spans(role)
        ),
    )


def read_narratives(folder: Path, part: str) -> list[GoldArticle]:
    """Read the English articles of SemEval-2025 Task 10: text alone, which has no parts.

    Their sentences are split as labelling splits them.

    Raises:
        FramingError: If there are none.
    """
    paths = sorted((folder / "EN" / "raw-documents").glob("*.txt"), key=lambda p: p.name)
    if not paths or part != "train":
        raise FramingError(f"{folder}: no part {part!r} in EN/raw-documents, expected train; check --corpora")
    articles = []
    for path in paths:
        text = path.read_bytes().decode("utf8")
        sentences = split_sentences(Article(path.stem, "unknown", text))
        articles.append(GoldArticle("semeval2025-task10", path.stem, text, sentences, (), frozenset()))
    return articles


def read_events(folder: Path, part: str) -> list[GoldArticle]:
    """Read NewsWCL50: text alone, kept aside as the part test; no run learns from it or chooses by it.

    Raises:
        FramingError: If there are no articles, or for another part.
    """
    if part != "test":
        raise FramingError(f"{folder}: no part {part!r} of NewsWCL50 is read, expected test")
    return [
        GoldArticle("newswcl50", one.id, one.text, split_sentences(one), (), frozenset())
        for one in read_newswcl50(folder)
    ]


def read_written(folder: Path, part: str) -> list[GoldArticle]:
    """Read the text that was written for this project: invented news, one sentence a line.

    Raises:
        FramingError: If it is not there; it has no other part than train.
    """
    path = folder / "articles.jsonl"
    if part != "train" or not path.is_file():
        raise FramingError(f"{path}: no part {part!r} of the project's own text, expected train")
    rows = [json.loads(line) for line in path.read_text("utf8").splitlines()]
    return [
        GoldArticle("written", row["id"], row["text"], split_lines(row["text"]), (), frozenset())
        for row in rows
    ]


def read_meme_texts(folder: Path, part: str) -> list[GoldArticle]:
    """Read the memes of SemEval-2021 Task 6 as gold for PTC's techniques: one sentence a line.

    Raises:
        FramingError: As `training.memes.read_memes`; or for another part than train.
    """
    if part != "train":
        raise FramingError(f"{folder}: no part {part!r} of the memes is read, expected train")
    known = frozenset(t.code for t in load_codebook().techniques)
    return [
        GoldArticle(
            "semeval2021-task6",
            meme.id,
            meme.text,
            split_lines(meme.text),
            tuple(GoldSpan(*span) for span in meme.spans),
            known,
        )
        for meme in read_memes(folder)
        if meme.text.strip()
    ]


WRITTEN = Path(__file__).parent / "annotations" / "written"
READERS = {
    "ptc": read_ptc,
    "newswcl50": read_events,
    "polnear": read_attributions,
    "semeval2021-task6": read_meme_texts,
    "semeval2025-task10": read_narratives,
    "written": read_written,
}
COPY_WORDS = 6
TERMS = {
    "written": "invented news written for this project: Apache-2.0",
    "semeval2021-task6": "SemEval-2021 Task 6, texts of memes: free for general research use",
    "semeval2025-task10": "SemEval-2025 Task 10, English articles: no licence stated; text to annotate",
    "ptc": "PTC v2, SemEval-2020 Task 11 (Da San Martino et al.): no licence stated, given out for research",
    "polnear": "PolNeAR 1.0 (Newell, Margolin and Ruths, LREC 2018): no licence stated",
}


def read_corpus(name: str, corpora: Path, part: str) -> list[GoldArticle]:
    """Read a part of a corpus by name from the folder of corpora."""
    if name not in READERS:
        raise FramingError(f"corpus {name!r} is not known, expected one of {', '.join(sorted(READERS))}")
    return READERS[name](WRITTEN if name == "written" else corpora / name, part)


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Join spans that overlap or touch; the result is sorted."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def read_voiced(config: RunConfig, corpora: Path) -> list[tuple[GoldArticle, AttributedArticle]]:
    """Read the development articles that attributions are watched on; none if that is not configured."""
    if not config.data.attribution_dev:
        return []
    pairs = read_attributed(corpora / config.data.attribution_dev, "dev")
    return pairs[: config.data.articles or None]
