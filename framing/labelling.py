"""Articles in, labelled sentences out: the model as its users hold it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from framing import __version__
from framing.agreement import Agreement
from framing.codebook import Codebook
from framing.decisions import Decisions, Floats, sigmoid, softmax
from framing.engine import Engine, WindowLogits
from framing.errors import FramingError
from framing.evidence import carrying_words
from framing.labels import Labels, Tally
from framing.machine import describe_machine, stated_tolerance
from framing.pipelining import run_ahead
from framing.records import Article, Label, LabelledSentence, Provenance, Sentence, Span
from framing.sentences import require_sentences
from framing.settings import Settings
from framing.voices import add_voices
from framing.windows import Window, cut_windows, tokenise

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CHUNK = 32  # articles that go to the engine together; three such are held at a time
DIGITS = 4  # of a score; what is decided and what is written are the same number
LIBRARIES = ("torch", "transformers", "tokenizers", "sentencex", "numpy")


@dataclass(frozen=True, slots=True)
class Identity:
    """Which model it is.

    Attributes:
        name: Its name and version.
        weights_sha256: Hash of its own weights.
        base_sha256: Hash of the base encoder's weights.
        files: What else decides the numbers: file → SHA-256.
    """

    name: str
    weights_sha256: str
    base_sha256: str
    files: Mapping[str, str]


class _Cut(NamedTuple):
    """An article on its way to the engine."""

    article: Article
    sentences: tuple[Sentence, ...]
    windows: list[Window]


class _Answered(NamedTuple):
    """A window with what the engine said of it, and the places of its tokens as `_places` gives them."""

    window: Window
    logits: WindowLogits
    places: dict[int, dict[int, Span]]


class Model:
    """A network with its tokenizer, codebook and decisions: everything labelling needs.

    Made by `framing.model_folder.load_model`.

    Attributes:
        name: Its name and version.
        codes: The codes it scores, in order.
        codebook: What they mean.
        engine: What runs the network.
        agreement: Of its precision with fp32, where it is another.
    """

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        tokenizer: "Tokenizer",
        codebook: Codebook,
        decisions: Decisions,
        identity: Identity,
    ) -> None:
        self.agreement: Agreement | None = None
        self.name = identity.name
        self.codes = settings.codes
        self.codebook = codebook
        self._settings = settings
        self.engine = engine
        self._tokenizer = tokenizer
        self._decisions = decisions
        self._identity = identity

    @property
    def tells_voices(self) -> bool:
        """Whether it says whose words a label's are."""
        return self._settings.attribution

    def label(self, articles: Iterable[Article]) -> Labels:
        """Label articles and keep the result in memory.

        Raises:
            FramingError: If an article has no sentence, two have the same id, or they are no articles.
        """
        tally = Tally()
        sentences = [s for labelled in self.label_each(articles, tally) for s in labelled]
        return Labels(sentences, self.provenance(tally))

    def label_each(
        self, articles: Iterable[Article], tally: Tally | None = None
    ) -> Iterator[tuple[LabelledSentence, ...]]:
        """Label articles as they come: one tuple an article, in their order.

        Args:
            articles: Any number; only a chunk of them is held at a time.
            tally: Counts what has been labelled, for `provenance`.

        Raises:
            FramingError: If an article has no sentence, two have the same id, or they are no articles.
        """
        for article, labelled in self.label_pairs(articles):
            if tally is not None:
                tally.add(article, len(labelled))
            yield labelled

    def label_pairs(
        self, articles: Iterable[Article]
    ) -> Iterator[tuple[Article, tuple[LabelledSentence, ...]]]:
        """Label articles as they come, each beside its sentences; see `label_each`.

        Args:
            articles: Any number; only a chunk of them is held at a time.

        Raises:
            FramingError: If an article has no sentence, two have the same id, or they are no articles.
        """
        for chunk, answers in run_ahead(self._chunks(_checked(articles)), self._run):
            yield from self._read_chunk(chunk, iter(answers))

    def windows(self, articles: Iterable[Article]) -> Iterator[list[Window]]:
        """Yield what the engine gets for articles: the windows of a chunk at a time.

        Raises:
            FramingError: If an article has no sentence.
        """
        for chunk in self._chunks(articles):
            yield _windows(chunk)

    def provenance(self, tally: Tally) -> Provenance:
        """Say how what a tally counted was made."""
        return Provenance(
            model=self.name,
            weights_sha256=self._identity.weights_sha256,
            base_sha256=self._identity.base_sha256,
            codebook_version=self.codebook.version,
            codes=self.codes,
            engine=self.engine.name,
            device=self.engine.device_name,
            precision=self.engine.precision,
            versions={"framing": __version__}
            | {name: _version(name) for name in (*LIBRARIES, *self.engine.libraries)},
            input_sha256=tally.sha256,
            articles=tally.articles,
            sentences=tally.sentences,
            files=self._identity.files,
            machine=describe_machine(),
            tolerance=stated_tolerance(self.engine.device_name, self.engine.precision),
            agreement=self.agreement.to_dict() if self.agreement else {},
        )

    def _chunks(self, articles: Iterable[Article]) -> Iterator[list[_Cut]]:
        stream = ((article, require_sentences(article)) for article in articles)
        return (self._cut(chunk) for chunk in iter(lambda: list(islice(stream, CHUNK)), []))

    def _cut(self, chunk: Sequence[tuple[Article, tuple[Sentence, ...]]]) -> list[_Cut]:
        budget, context = self._settings.window, self._settings.context
        return [
            _Cut(
                article,
                sentences,
                cut_windows(
                    tokenise(sentences, self._tokenizer), self._tokenizer, budget=budget, context=context
                ),
            )
            for article, sentences in chunk
        ]

    def _run(self, chunk: Sequence[_Cut]) -> list[WindowLogits]:
        return self.engine.run(_windows(chunk))

    def _read_chunk(
        self, chunk: Sequence[_Cut], answers: Iterator[WindowLogits]
    ) -> Iterator[tuple[Article, tuple[LabelledSentence, ...]]]:
        for article, sentences, windows in chunk:
            answered = [_Answered(window, next(answers), _places(window)) for window in windows]
            labelled = [row for one in answered for row in self._read_window(article, sentences, one)]
            if self._settings.attribution:
                labelled = add_voices(article.text, labelled, *_tagged_tokens(answered))
            yield article, tuple(labelled)

    def _read_window(
        self, article: Article, sentences: Sequence[Sentence], answered: _Answered
    ) -> Iterator[LabelledSentence]:
        window, answer, places = answered
        scores = self._decisions.calibrate(answer.labels.astype(np.float64), self.codes).round(DIGITS)
        chosen = scores >= self._decisions.thresholds(self.codes)
        for position in window.targets:
            sentence = sentences[window.first + position]
            tokens, spans = list(places[position]), list(places[position].values())
            labels = tuple(
                Label(
                    code=code,
                    score=float(scores[position, column]),
                    spans=carrying_words(
                        spans,
                        sigmoid(answer.evidence[tokens, column].astype(np.float64)).tolist(),
                        self._decisions.codes[code].evidence,
                        article.text,
                    ),
                )
                for column, code in enumerate(self.codes)
                if chosen[position, column]
            )
            yield LabelledSentence(
                article_id=article.id,
                outlet=article.outlet,
                index=sentence.index,
                start=sentence.start,
                end=sentence.end,
                text=sentence.text,
                scores=dict(zip(self.codes, scores[position].tolist(), strict=True)),
                labels=labels,
            )


def _checked(articles: Iterable[Article]) -> Iterator[Article]:
    """Pass articles on, and insist that they are articles with ids of their own."""
    if isinstance(articles, str | Article) or not isinstance(articles, Iterable):
        raise _no_articles(articles)
    seen: set[str] = set()
    for article in articles:
        if not isinstance(article, Article):
            raise _no_articles(article)
        if article.id in seen:
            raise FramingError(
                f"article {article.id!r} ({article.outlet}): a second article of this id; make the ids unique"
            )
        seen.add(article.id)
        yield article


def _no_articles(found: object) -> FramingError:
    return FramingError(
        f"found {type(found).__name__}, expected a list of articles, as framing.read_articles gives them or "
        "[framing.Article(id, outlet, text)]"
    )


@cache
def _version(library: str) -> str:
    from importlib.metadata import version

    return version(library)


def _windows(chunk: Sequence[_Cut]) -> list[Window]:
    return [window for cut in chunk for window in cut.windows]


def _places(window: Window) -> dict[int, dict[int, Span]]:
    """Return the places of a window's tokens: position of a sentence that is labelled → token → place."""
    found: dict[int, dict[int, Span]] = {position: {} for position in window.targets}
    for token, (place, owner) in enumerate(zip(window.spans, window.sentence_ids, strict=True)):
        if place is not None and owner in found:
            found[owner][token] = place
    return found


def _tagged_tokens(answered: Sequence[_Answered]) -> tuple[list[Span], Floats]:
    """Return an article's tokens, and for each the probabilities of `framing.tagging.TAGS`."""
    spans: list[Span] = []
    tags = []
    for _, answer, places in answered:
        if answer.tags is None:
            raise ValueError("the network gave no tags")
        own = {token: place for sentence in places.values() for token, place in sentence.items()}
        spans += own.values()
        tags.append(answer.tags[list(own)])
    return spans, softmax(np.concatenate(tags).astype(np.float64))
