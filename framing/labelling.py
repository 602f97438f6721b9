"""Articles in, labelled sentences out: the model as its users hold it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np

from framing import __version__
from framing import encoder as base_encoders
from framing.agreement import Agreement
from framing.codebook import Codebook, load_codebook
from framing.decisions import DECISIONS, Decisions, Floats, load_decisions, sigmoid, softmax
from framing.encoder import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    TOKENIZER,
    WEIGHTS,
    base_folder,
    hash_file,
)
from framing.engine import Engine, EngineName, EngineOptions, Precision, WindowLogits, open_engine
from framing.errors import FramingError
from framing.evidence import carrying_words
from framing.graph_cache import graph_key
from framing.machine import describe_machine, stated_tolerance
from framing.paths import default_model
from framing.pipelining import run_ahead
from framing.records import Article, Label, LabelledSentence, Provenance, Sentence, Span
from framing.sentences import require_sentences
from framing.settings import CONFIG, Settings, read_settings
from framing.voices import add_voices
from framing.windows import Window, cut_windows, load_tokenizer, tokenise

if TYPE_CHECKING:
    import pandas
    from tokenizers import Tokenizer

CODEBOOK = "codebook.json"
ABOUT = "model.json"
FILES = (CONFIG, DECISIONS, CODEBOOK, TOKENIZER)  # what decides the numbers beside the weights
CHUNK = 32  # articles that go to the engine together; three such are held at a time
DIGITS = 4  # of a score; what is decided and what is written are the same number
LIBRARIES = ("torch", "transformers", "tokenizers", "sentencex", "numpy")


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

    Made by `load_model`.

    Attributes:
        name: Its name and version.
        codes: The codes it scores, in order.
        codebook: What they mean.
        engine: What runs the network.
        agreement: Of its precision with fp32, where it is another.
    """

    def __init__(
        self,
        about: dict[str, Any],
        settings: Settings,
        engine: Engine,
        tokenizer: "Tokenizer",
        codebook: Codebook,
        decisions: Decisions,
        hashes: tuple[str, str],
        files: Mapping[str, str],
    ) -> None:
        self.agreement: Agreement | None = None
        self.about = about
        self.name = f"{about['name']} {about['version']}"
        self.codes = settings.codes
        self.codebook = codebook
        self._settings = settings
        self.engine = engine
        self._tokenizer = tokenizer
        self._decisions = decisions
        self._hashes = hashes
        self._files = files

    @property
    def tells_voices(self) -> bool:
        """Whether it says whose words a label's are."""
        return self._settings.attribution

    def label(self, articles: Iterable[Article]) -> Labels:
        """Label articles and keep the result in memory.

        Raises:
            FramingError: If an article has no sentence.
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
            FramingError: If an article has no sentence.
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
            FramingError: If an article has no sentence.
        """
        for chunk, answers in run_ahead(self._chunks(articles), self._run):
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
            weights_sha256=self._hashes[0],
            base_sha256=self._hashes[1],
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
            files=self._files,
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


def load_model(
    path: Path | str | None = None,
    *,
    engine: EngineName = "auto",
    device: str = "auto",
    precision: Precision = "fp32",
    batch_size: int = 32,
    threads: int | None = None,
    encoder: Path | str | None = None,
) -> Model:
    """Load a model folder.

    Args:
        path: The folder; the model that ships with the package if not given.
        engine: ``torch``, the reference; ``onnx``, which is quicker on a CPU; ``auto``: onnx on a CPU.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
        precision: ``fp32``, the reference, or what the engine has on that device.
        batch_size: Windows (of up to 256 tokens) of one pass on a GPU; no score depends on it.
        threads: CPU threads, 1 or more; as many as there are cores if not given. No score depends on it.
        encoder: Folder of the base encoder, if not where `framing.encoder.find_encoder` looks.

    Raises:
        FramingError: If the folder is not a whole model, the device or the precision is not there, or that
            precision labels too much otherwise than fp32.
    """
    folder = default_model() if path is None else Path(path)
    if not folder.is_dir():
        raise FramingError(f"{folder}: no such folder, expected a model folder; check the path of --model")
    options = EngineOptions(engine, device, precision, batch_size, threads, encoder)
    model = _read_model(folder, options)
    if precision != "fp32":
        from framing.gating import check_precision

        exact = replace(options, precision="fp32")
        key = graph_key(folder, encoder)
        model.agreement = check_precision(model, lambda: _read_model(folder, exact), key)
    return model


def _read_model(folder: Path, options: EngineOptions) -> Model:
    settings = read_settings(folder)
    engine = open_engine(folder, settings, options)
    adapter = (folder / ADAPTER_CONFIG).is_file()
    base = base_folder(folder, options.encoder)
    weights = hash_file(folder / (ADAPTER_WEIGHTS if adapter else WEIGHTS))
    hashes = (weights, base_encoders.MINILM.sha256 if adapter else weights)  # the former was just checked
    return Model(
        _read_about(folder),
        settings,
        engine,
        load_tokenizer(base),
        load_codebook(folder / CODEBOOK).subset(settings.codes),
        load_decisions(folder, settings.codes),
        hashes,
        {name: hash_file((base if name == TOKENIZER else folder) / name) for name in FILES},
    )


def _read_about(folder: Path) -> dict[str, Any]:
    path = folder / ABOUT
    try:
        about = json.loads(path.read_text("utf8"))
        return {**about, "name": str(about["name"]), "version": str(about["version"])}
    except (OSError, ValueError, KeyError, TypeError):
        raise FramingError(
            f"{path}: missing or broken, expected the model's name and version as JSON"
        ) from None
