"""Hiding tokens of sentences, and telling them from the others (Devlin et al. 2019, arXiv 1810.04805)."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear

from framing.windows import special_token

HIDDEN = 0.15  # share of the tokens
BLANK, RANDOM = 0.8, 0.1  # shares of the hidden: shown as [MASK], and as any token; the rest as they are
SPECIALS = ("[PAD]", "[MASK]", "[CLS]", "[SEP]", "[UNK]")


class Vocabulary(NamedTuple):
    """What of a tokenizer it takes to hide tokens.

    Attributes:
        size: How many tokens there are.
        padding: The id that fills up short sentences.
        mask: The id that stands for a hidden token.
        specials: All ids that are never hidden.
    """

    size: int
    padding: int
    mask: int
    specials: tuple[int, ...]

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Self:
        """Read that of a tokenizer of the BERT kind.

        Raises:
            FramingError: If it is of another kind.
        """
        padding, mask, *others = (special_token(tokenizer, name) for name in SPECIALS)
        return cls(tokenizer.get_vocab_size(), padding, mask, (padding, mask, *others))


def hide(ids: Tensor, vocabulary: Vocabulary, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Hide tokens, but no special ones.

    Returns:
        What the encoder is shown, and which tokens it has to tell; both (sentences, tokens), as `ids`.
    """
    usual = ~torch.isin(ids, torch.tensor(vocabulary.specials))
    hidden = usual & (torch.rand(ids.shape, generator=generator) < HIDDEN)
    drawn = torch.rand(ids.shape, generator=generator)
    others = torch.randint(vocabulary.size, ids.shape, generator=generator)
    shown = torch.where(hidden & (drawn < BLANK), vocabulary.mask, ids)
    return torch.where(hidden & (drawn >= 1 - RANDOM), others, shown), hidden


def count_tokens(batches: Iterable[Tensor], vocabulary: Vocabulary) -> Tensor:
    """Count how often each token may be hidden: (vocabulary), 0 for the special ones."""
    counts = torch.zeros(vocabulary.size)
    for ids in batches:
        counts += torch.bincount(ids.flatten(), minlength=vocabulary.size)
    counts[list(vocabulary.specials)] = 0
    return counts


class TokenHead(nn.Module):
    """Tells tokens from their states: a transform, then the encoder's own word embeddings, and a bias.

    Args:
        words: (vocabulary, width), which stay as they are.
        counts: (vocabulary), how often each token is in the text: the bias begins with what that says.
    """

    def __init__(self, words: Tensor, counts: Tensor) -> None:
        super().__init__()
        width = words.shape[1]
        self.words = words.detach()
        self.transform = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width))
        self.bias = nn.Parameter((counts + 1).log().log_softmax(0))

    def forward(self, states: Tensor) -> Tensor:
        """Turn (tokens, width) into logits (tokens, vocabulary)."""
        return linear(self.transform(states), self.words, self.bias)


class MaskedReader(nn.Module):
    """An encoder that tells hidden tokens, by a new head: it comes without the one it was pretrained with.

    Args:
        encoder: A BERT.
        vocabulary: Of its tokenizer.
        counts: See `TokenHead`.
    """

    def __init__(self, encoder: Any, vocabulary: Vocabulary, counts: Tensor) -> None:
        super().__init__()
        self.encoder = encoder
        self.vocabulary = vocabulary
        self.head = TokenHead(encoder.embeddings.word_embeddings.weight, counts)

    def forward(self, ids: Tensor, generator: torch.Generator, *, encoder_learns: bool = True) -> Tensor:
        """Hide tokens of `ids`, (sentences, tokens), and return the loss of each that is hidden, in nats."""
        shown, hidden = hide(ids, self.vocabulary, generator)
        with torch.set_grad_enabled(encoder_learns and torch.is_grad_enabled()):
            seen = ids != self.vocabulary.padding
            states = self.encoder(input_ids=shown, attention_mask=seen).last_hidden_state
        return cross_entropy(self.head(states[hidden]), ids[hidden], reduction="none")

    @torch.no_grad()
    def measure(self, batches: Sequence[Tensor]) -> float:
        """Return the mean loss of hidden tokens of sentences, the same tokens each time."""
        self.eval()
        generator = torch.Generator().manual_seed(0)
        losses = [self(ids, generator) for ids in batches]
        self.train()
        return float(torch.cat(losses).mean())
