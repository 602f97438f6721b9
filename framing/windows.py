"""Windows: runs of consecutive sentences that go through the network together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from framing.encoder import TOKENIZER
from framing.errors import FramingError
from framing.records import Sentence, Span

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SPECIALS_PER_SENTENCE = 2  # a [CLS] opens each sentence, a [SEP] ends it


@dataclass(frozen=True, slots=True)
class TokenisedSentence:
    """A sentence as tokens: ids, and each token's place in the article's text."""

    sentence: Sentence
    ids: tuple[int, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """What the network reads at once.

    Attributes:
        input_ids: Token ids, a [CLS] before and a [SEP] after every sentence; at most the budget.
        sentence_ids: For each token the position of its sentence in the window; -1 for [CLS].
        spans: For each token its place in the article's text; nothing for [CLS] and [SEP].
        first: Index in the article of the window's first sentence.
        targets: Positions in the window of the sentences that are to be labelled; those before are context.
    """

    input_ids: tuple[int, ...]
    sentence_ids: tuple[int, ...]
    spans: tuple[Span | None, ...]
    first: int
    targets: range

    def sentences(self) -> list[tuple[int, ...]]:
        """Cut the tokens into sentences: each begins with a [CLS]."""
        starts = [at for at, owner in enumerate(self.sentence_ids) if owner < 0]
        return [self.input_ids[a:b] for a, b in pairwise([*starts, len(self.input_ids)])]


def load_tokenizer(folder: Path) -> "Tokenizer":
    """Load the tokenizer of an encoder's or a model's folder; nothing is cut off or padded.

    Raises:
        FramingError: If there is none.
    """
    from tokenizers import Tokenizer

    path = folder / TOKENIZER
    if not path.is_file():
        raise FramingError(f"{folder}: no file {TOKENIZER} there, expected an encoder's or a model's folder")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def special_token(tokenizer: "Tokenizer", name: str) -> int:
    """Return the id of a special token.

    Raises:
        FramingError: If the tokenizer has none of that name.
    """
    found = tokenizer.token_to_id(name)
    if found is None:
        raise FramingError(f"the tokenizer has no token {name}, expected one of the BERT kind")
    return found


def tokenise(sentences: Sequence[Sentence], tokenizer: "Tokenizer") -> list[TokenisedSentence]:
    """Turn sentences into tokens without special tokens, with offsets into the article's text."""
    encodings = tokenizer.encode_batch([s.text for s in sentences], add_special_tokens=False)
    return [
        TokenisedSentence(s, tuple(e.ids), tuple((s.start + a, s.start + b) for a, b in e.offsets))
        for s, e in zip(sentences, encodings, strict=True)
    ]


def plan_windows(lengths: Sequence[int], budget: int, context: int) -> Iterator[tuple[int, int, int]]:
    """Cut an article into windows such that every sentence is the target of exactly one.

    Args:
        lengths: Tokens of each sentence, its [CLS] and [SEP] included.
        budget: Most tokens of a window.
        context: Most tokens that earlier sentences may take as context.

    Yields:
        (first, target, stop): the window holds the sentences first to stop, and labels target to stop.
    """
    target = 0
    while target < len(lengths):
        first, used = target, min(lengths[target], budget)
        spare = min(context, budget - used)
        while first > 0 and lengths[first - 1] <= spare:
            first -= 1
            spare -= lengths[first]
            used += lengths[first]
        stop = target + 1
        while stop < len(lengths) and used + lengths[stop] <= budget:
            used += lengths[stop]
            stop += 1
        yield first, target, stop
        target = stop


def build_window(
    sentences: Sequence[TokenisedSentence], targets: range, tokenizer: "Tokenizer", budget: int
) -> Window:
    """Join consecutive sentences to one window; a sentence longer than the budget is cut at its end."""
    input_ids: list[int] = []
    sentence_ids: list[int] = []
    places: list[Span | None] = []
    opening, separator = special_token(tokenizer, "[CLS]"), special_token(tokenizer, "[SEP]")
    for position, sentence in enumerate(sentences):
        room = budget - len(input_ids) - SPECIALS_PER_SENTENCE
        kept = sentence.ids[:room]
        input_ids += [opening, *kept, separator]
        sentence_ids += [-1, *[position] * (len(kept) + 1)]
        places += [None, *sentence.spans[: len(kept)], None]
    return Window(tuple(input_ids), tuple(sentence_ids), tuple(places), sentences[0].sentence.index, targets)


def cut_windows(
    sentences: Sequence[TokenisedSentence], tokenizer: "Tokenizer", *, budget: int, context: int
) -> list[Window]:
    """Cut an article's sentences into windows (see `plan_windows`)."""
    lengths = [len(s.ids) + SPECIALS_PER_SENTENCE for s in sentences]
    return [
        build_window(sentences[first:stop], range(target - first, stop - first), tokenizer, budget)
        for first, target, stop in plan_windows(lengths, budget, context)
    ]
