"""The losses of the network's heads; each leaves out what is not known."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

UNKNOWN = -100  # a token whose attribution gold is not known
FOCUS = 2.0  # of the focal loss: the exponent that Lin et al. found best
ASYMMETRIC_FOCUS, ASYMMETRIC_MARGIN = 4.0, 0.05  # of the asymmetric loss, as Ridnik et al. use it


def masked_loss(logits: Tensor, gold: Tensor, mask: Tensor, kind: str = "plain") -> Tensor:
    """Loss of yes or no where gold is known: summed over codes, averaged over the units that have any.

    Args:
        logits: (windows, units, codes).
        gold: (windows, units, codes) in [0, 1].
        mask: (windows, units, codes), 1 where that gold is known.
        kind: One of `LOSSES`.
    """
    losses = LOSSES[kind](logits, gold) * mask
    units = mask.amax(-1).sum().clamp(min=1)
    return losses.sum() / units


def plain_loss(logits: Tensor, gold: Tensor) -> Tensor:
    """Binary cross-entropy, for each logit."""
    return F.binary_cross_entropy_with_logits(logits, gold, reduction="none")


def focal_loss(logits: Tensor, gold: Tensor) -> Tensor:
    """Cross-entropy that counts less the surer it is right: -(1 - p)^2 log p, p what the truth is given.

    Lin et al. 2017, arXiv 1708.02002, equation 4, without the weight of equation 5. Gold between 0 and 1
    mixes the losses of yes and no.
    """
    yes, no = F.logsigmoid(logits), F.logsigmoid(-logits)
    return -(gold * no.exp() ** FOCUS * yes + (1 - gold) * yes.exp() ** FOCUS * no)


def asymmetric_loss(logits: Tensor, gold: Tensor) -> Tensor:
    """Focal loss for the absent alone, which also lets those go that are given less than a margin.

    Ridnik et al. 2021, arXiv 2009.14119, equation 7 with its exponents 0 for yes and 4 for no, and a margin
    of .05: -log p for yes, and for no -q^4 log(1 - q) with q = max(p - .05, 0).
    """
    shifted = (torch.sigmoid(logits) - ASYMMETRIC_MARGIN).clamp(min=0)
    absent = shifted**ASYMMETRIC_FOCUS * torch.log1p(-shifted)
    return -(gold * F.logsigmoid(logits) + (1 - gold) * absent)


LOSSES = {"plain": plain_loss, "focal": focal_loss, "asymmetric": asymmetric_loss}


def any_loss(logits: Tensor, gold: Tensor, mask: Tensor, families: Sequence[Sequence[int]]) -> Tensor:
    """Say how surely a sentence that carries some code of a family is said to carry any, codes independent.

    The noisy-or of the family's probabilities, 1 - prod(1 - p), is what "any technique" is scored by; its
    cross-entropy is taken where it is true. (Where it is false it equals that of the single codes, which
    `masked_loss` has already.)

    Args:
        logits: (windows, sentences, codes).
        gold: (windows, sentences, codes) in [0, 1].
        mask: (windows, sentences, codes), 1 where that gold is known.
        families: Positions of each family's codes.

    Returns:
        Scalar: summed over families, averaged over the sentences whose gold is known for the whole family.
    """
    total = logits.new_zeros(())
    for codes in families:
        known = mask[..., codes].amin(-1)
        carried = known * (1 - (1 - gold[..., codes]).prod(-1))
        log_none = -F.softplus(logits[..., codes]).sum(-1).clamp(min=1e-4)
        losses = -torch.log(-torch.expm1(log_none)) * carried
        total = total + losses.sum() / known.sum().clamp(min=1)
    return total


def tag_loss(logits: Tensor, tags: Tensor, attention_mask: Tensor, weights: Tensor | None = None) -> Tensor:
    """Weighted cross-entropy where the tag is known, summed, per token of the batch.

    A known tag thus counts the same whether few or many beside it are known.
    """
    losses = F.cross_entropy(logits.flatten(0, 1), tags.flatten(), ignore_index=UNKNOWN, reduction="none")
    return (losses if weights is None else losses * weights.flatten()).sum() / attention_mask.sum()
