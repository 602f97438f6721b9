"""The seams: what one room hands to the next. Frozen, and valid once made.

Offsets everywhere count Unicode code points of the article's text as given, half open:
``sentence.text == article.text[sentence.start:sentence.end]``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

Span = tuple[int, int]
Voice = Literal["outlet", "quoted", "attributed"]
VOICES: tuple[Voice, ...] = get_args(Voice)


def _check_span(name: str, span: Span) -> None:
    start, end = span
    if not 0 <= start < end:
        raise ValueError(f"{name} is [{start}, {end}], expected 0 <= start < end")


def _check_voice(voice: str | None) -> None:
    if voice is not None and voice not in VOICES:
        raise ValueError(f"voice is {voice!r}, expected one of {', '.join(VOICES)} or nothing")


def _checked_text(article: "Article", name: str) -> str:
    value = getattr(article, name)
    if not isinstance(value, str):
        raise ValueError(f"article {article.id!r}: {name} is {repr(value)[:60]}, expected text")
    return value


def _check_date(article: str, value: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValueError(
            f"article {article!r}: date is {value!r}, expected a day in ISO 8601, such as 2021-11-20"
        ) from None


@dataclass(frozen=True, slots=True)
class Article:
    """One news article, its text untouched.

    Attributes:
        id: Unique within a run.
        outlet: Who published it; `outlet_from` says how that was found.
        text: The text as given, page furniture included.
        title: The headline, where the input names it.
        date: ISO 8601 date, where the input names it.
        url: Its address, where the input names it.
        outlet_from: One of ``field``, ``flag``, ``sidecar``, ``address`` or ``folder``.
        columns: The input's other fields, as text.
    """

    id: str
    outlet: str
    text: str
    title: str | None = None
    date: str | None = None
    url: str | None = None
    outlet_from: str = "field"
    columns: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("id", "outlet", "text"):
            if not _checked_text(self, name).strip():
                raise ValueError(f"article {self.id!r}: {name} is empty")
        for name in ("title", "date", "url"):
            if getattr(self, name) is not None:
                _checked_text(self, name)
        if self.date:
            _check_date(self.id, self.date)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an article; `index` counts the article's sentences from 0."""

    index: int
    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        _check_span(f"sentence {self.index}", (self.start, self.end))
        if len(self.text) != self.end - self.start:
            raise ValueError(
                f"sentence {self.index}: {len(self.text)} characters, but offsets for {self.end - self.start}"
            )


@dataclass(frozen=True, slots=True)
class Attribution:
    """Words that belong to a source: who (`source`), the word that says so (`cue`), and what (`content`)."""

    content: Span
    source: Span | None = None
    cue: Span | None = None

    def __post_init__(self) -> None:
        for name in ("content", "source", "cue"):
            span = getattr(self, name)
            if span is not None:
                _check_span(name, span)


@dataclass(frozen=True, slots=True)
class Label:
    """One code that a sentence carries.

    Attributes:
        code: A code of the codebook.
        score: Calibrated probability in [0, 1].
        spans: The words that carry it, as offsets into the article's text; may be empty.
        voice: Whose words those are; nothing where the model does not tell.
        source: The text of the source, where the voice is not the outlet's.
    """

    code: str
    score: float
    spans: tuple[Span, ...] = ()
    voice: Voice | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.score <= 1.0:
            raise ValueError(f"{self.code}: score is {self.score}, expected 0 to 1")
        for span in self.spans:
            _check_span(self.code, span)
        _check_voice(self.voice)


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """One row of a labels file.

    Attributes:
        article_id: The article's id.
        outlet: Who published it.
        index: Counts the article's sentences from 0.
        start: Where it begins in the article's text, in characters.
        end: Where it ends, exclusive.
        text: The sentence as the article gives it.
        scores: Calibrated probability in [0, 1] of every code of the model, in its order.
        labels: The codes whose score reaches their threshold.
        voice: Whose words the greater part of the sentence is; nothing where the model does not tell.
        attributions: Attributions whose content touches the sentence.
    """

    article_id: str
    outlet: str
    index: int
    start: int
    end: int
    text: str
    scores: Mapping[str, float]
    labels: tuple[Label, ...] = ()
    voice: Voice | None = None
    attributions: tuple[Attribution, ...] = ()

    def __post_init__(self) -> None:
        _check_span(f"sentence {self.index} of article {self.article_id!r}", (self.start, self.end))
        _check_voice(self.voice)
        for code, score in self.scores.items():
            if not 0.0 <= score <= 1.0:
                raise ValueError(f"{code}: score is {score}, expected 0 to 1")


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a labels file was made: enough to make it again.

    Attributes:
        model: Name of the model.
        weights_sha256: Hash over the model's own weights.
        base_sha256: Hash of the base encoder's weights.
        codebook_version: Version of the codebook the model carries.
        codes: The codes every row of the file scores, in order.
        engine: ``torch`` or ``onnx``.
        device: ``cpu``, ``cuda`` (with the card's name) or ``mps``.
        precision: ``fp32``, ``int8``, ``bf16`` or ``fp16``.
        versions: Version of each library that bears on the numbers.
        input_sha256: Hash over id, outlet and text of the articles, in order.
        articles: How many articles were labelled.
        sentences: How many sentences.
        files: SHA-256 of the model's other files that bear on the numbers, the tokenizer's among them.
        machine: System and processor, and the instructions of it that bear on numbers.
        tolerance: How far a score may move when the articles are labelled again, in [0, 1]: under
            ``same`` where everything above is the same, under ``elsewhere`` where machine, engine, device
            or versions differ, under ``precision`` where the precision does.
        agreement: Of another precision than fp32 with fp32, as `framing.agreement.Agreement` has it.
    """

    model: str
    weights_sha256: str
    base_sha256: str
    codebook_version: str
    codes: tuple[str, ...]
    engine: str
    device: str
    precision: str
    versions: Mapping[str, str]
    input_sha256: str
    articles: int
    sentences: int
    files: Mapping[str, str] = field(default_factory=dict)
    machine: str = ""
    tolerance: Mapping[str, float] = field(default_factory=dict)
    agreement: Mapping[str, float] = field(default_factory=dict)
