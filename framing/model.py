"""The network: one encoder pass over the sentences of a window, and the heads that read its token states."""

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.utils.generic import ModelOutput

from framing.attribution_head import AttributionHead
from framing.label_head import make_label_head
from framing.losses import any_loss, masked_loss, tag_loss
from framing.settings import LAYOUT, SENTENCE


class FramingConfig(PretrainedConfig):
    """Settings of the network.

    Args:
        encoder: Configuration of the encoder, as its own `config.json` has it.
        codes: What each logit stands for, in order.
        window: Most tokens of a window.
        context: Most tokens of earlier sentences that a window takes along as context.
        dropout: Share of the pooled sentence states dropped in training.
        attribution: Whether there is an attribution head.
        attribution_weight: What its loss counts beside the others'.
        attribution_pull: Share of that loss's gradient that reaches the encoder, in [0, 1].
        families: Positions in `codes` of each family's codes: training also asks whether a sentence carries
            any code of a family.
        loss: Which of `framing.losses.LOSSES` labels and evidence are learned by.
        attention: How far a token sees: its own ``sentence``, or the ``window``.
        layers: The encoder's layers whose token states the label head reads, 0 for its embeddings; the last
            alone if not given.
        hidden: Width of the label head's hidden layer; 0 for a plain linear reading.
        linear: Positions in `codes` of those read linearly from the last layer, beside a hidden layer.
        layout: Which version of this network the weights are for.
    """

    model_type = "framing"

    def __init__(
        self,
        encoder: dict[str, Any] | None = None,
        codes: list[str] | None = None,
        window: int = 256,
        context: int = 64,
        dropout: float = 0.1,
        attribution: bool = False,
        attribution_weight: float = 1.0,
        attribution_pull: float = 1.0,
        families: list[list[int]] | None = None,
        loss: str = "plain",
        attention: str = SENTENCE,
        layers: list[int] | None = None,
        hidden: int = 0,
        linear: list[int] | None = None,
        layout: int = LAYOUT,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.encoder = encoder or {"model_type": "bert"}
        self.codes = codes or []
        self.window = window
        self.context = context
        self.dropout = dropout
        self.attribution = attribution
        self.attribution_weight = attribution_weight
        self.attribution_pull = attribution_pull
        self.families = families or []
        self.loss = loss
        self.attention = attention
        self.layers = layers or []
        self.hidden = hidden
        self.linear = linear or []
        self.layout = layout


@dataclass
class FramingOutput(ModelOutput):
    """What one pass gives.

    Attributes:
        loss: Scalar, where gold was given.
        label_logits: (windows, sentences, codes).
        evidence_logits: (windows, tokens, codes).
        tag_logits: (windows, tokens, 4), for `framing.tagging.TAGS`, where there is an attribution head.
    """

    loss: Tensor | None = None
    label_logits: Tensor | None = None
    evidence_logits: Tensor | None = None
    tag_logits: Tensor | None = None


class FramingNetwork(PreTrainedModel):
    """Encoder, label head, evidence head and, if configured, attribution head.

    A token attends to its own sentence only, and positions are counted from the sentence's start: what a
    sentence is labelled depends on its words and on nothing beside them. (With attention over the window the
    same encoder found rare techniques worse on PTC dev; `FramingConfig.attention` is for comparing the two.)
    The attribution head alone reads on over the sentences of the window, since a quotation may have opened
    before.

    A sentence's logit for a code is read from the mean of its token states in several layers, plus a learned
    share of the smooth maximum (log-sum-exp) of the code's evidence over its tokens: a code is as present as
    the words that carry it.
    """

    config_class = FramingConfig
    base_model_prefix = "encoder"

    def __init__(self, config: FramingConfig) -> None:
        super().__init__(config)
        settings = dict(config.encoder)
        encoder_config = AutoConfig.for_model(settings.pop("model_type"), **settings)
        self.encoder = AutoModel.from_config(encoder_config, add_pooling_layer=False)
        width, codes = encoder_config.hidden_size, len(config.codes)
        self.dropout = nn.Dropout(config.dropout)
        read = width * max(len(config.layers), 1)
        self.label_head = make_label_head(read, width, config.hidden, codes, config.linear, config.dropout)
        self.evidence_head = nn.Linear(width, codes)
        self.evidence_pool = EvidencePool(codes)
        if config.attribution:
            self.attribution_head = AttributionHead(width)
        self.post_init()  # type: ignore[no-untyped-call]

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        sentence_ids: Tensor,
        labels: Tensor | None = None,
        label_mask: Tensor | None = None,
        evidence: Tensor | None = None,
        evidence_mask: Tensor | None = None,
        tags: Tensor | None = None,
        tag_weights: Tensor | None = None,
    ) -> FramingOutput:
        """Read windows.

        Args:
            input_ids: (windows, tokens).
            attention_mask: (windows, tokens), 1 for a token, 0 for padding.
            sentence_ids: (windows, tokens), the token's sentence counted from 0 in its window, -1 for none.
            labels: (windows, sentences, codes), 1 where the sentence carries the code; between 0 and 1
                where that is another network's guess.
            label_mask: (windows, sentences, codes), 1 where that gold is known.
            evidence: (windows, tokens, codes), 1 where the token helps carry the code.
            evidence_mask: (windows, tokens, codes), 1 where that gold is known.
            tags: (windows, tokens), the place of the token's tag in `TAGS`, or `UNKNOWN`.
            tag_weights: (windows, tokens), what each of these counts; 1 if not given.

        Returns:
            Logits, and the loss where gold was given.
        """
        states, means, members = self.read(input_ids, attention_mask, sentence_ids)
        evidence_logits = self.evidence_head(self.dropout(states))
        label_logits = self.label_head(self.dropout(means)) + self.evidence_pool(evidence_logits, members)
        tag_logits = None
        if self.config.attribution:
            tag_logits = self.attribution_head(self.dropout(self._pulled(states)), attention_mask)
        loss = None
        if labels is not None and label_mask is not None:
            loss = masked_loss(label_logits, labels, label_mask, self.config.loss)
            loss = loss + any_loss(label_logits, labels, label_mask, self.config.families)
        if evidence is not None and evidence_mask is not None:
            part = masked_loss(evidence_logits, evidence, evidence_mask, self.config.loss)
            loss = part if loss is None else loss + part
        if tags is not None and tag_logits is not None:
            part = self.config.attribution_weight * tag_loss(tag_logits, tags, attention_mask, tag_weights)
            loss = part if loss is None else loss + part
        return FramingOutput(
            loss=loss, label_logits=label_logits, evidence_logits=evidence_logits, tag_logits=tag_logits
        )

    def read(
        self, input_ids: Tensor, attention_mask: Tensor, sentence_ids: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Turn tokens into what the heads read.

        Returns:
            Token states (windows, tokens, width), sentences' mean states in the label head's layers (windows,
            sentences, width × layers), and which tokens are whose (windows, sentences, tokens).
        """
        layers = self.config.layers
        seen, positions = attention_mask, None
        if self.config.attention == SENTENCE:
            same, positions = _own_sentence(sentence_ids, attention_mask)
            seen = same.unsqueeze(1)
        output = self.encoder(
            input_ids=input_ids,
            attention_mask=seen,
            position_ids=positions,
            output_hidden_states=bool(layers),
        )
        states = cast(Tensor, output.last_hidden_state)
        pooled = torch.cat([output.hidden_states[n] for n in layers], dim=-1) if layers else states
        members = _membership(sentence_ids).to(states.dtype)
        return states, (members @ pooled) / members.sum(-1, keepdim=True).clamp(min=1), members

    def _pulled(self, states: Tensor) -> Tensor:
        """Let only `attribution_pull` of the gradient through: the labels share the encoder."""
        pull: float = self.config.attribution_pull
        return states if not self.training or pull == 1 else pull * states + (1 - pull) * states.detach()


class EvidencePool(nn.Module):
    """Smooth maximum of each code's evidence over a sentence's tokens, scaled by a learned weight."""

    def __init__(self, codes: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((codes,), 0.5))

    def forward(self, evidence_logits: Tensor, members: Tensor) -> Tensor:
        """Pool (windows, tokens, codes) over `members` (windows, sentences, tokens)."""
        outside = (members == 0).unsqueeze(-1)  # (windows, sentences, tokens, 1)
        spread = evidence_logits.unsqueeze(1).masked_fill(outside, -1e4)
        return self.scale * spread.logsumexp(2).clamp(min=-20)


def _own_sentence(sentence_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
    """Say which tokens are of one sentence, and where in it each stands.

    Returns:
        (windows, tokens, tokens) of true and false, and (windows, tokens) counted from 0.
    """
    opens = (sentence_ids < 0) & (attention_mask > 0)  # the [CLS] of each sentence
    number = opens.cumsum(1)
    same = (number.unsqueeze(1) == number.unsqueeze(2)) & (attention_mask > 0).unsqueeze(1)
    return same, same.tril(-1).sum(-1)


def _membership(sentence_ids: Tensor) -> Tensor:
    """Turn (windows, tokens) sentence numbers into (windows, sentences, tokens) of true and false."""
    count = max(int(sentence_ids.max()) + 1, 1)
    numbers = torch.arange(count, device=sentence_ids.device)
    return sentence_ids.unsqueeze(1) == numbers.view(1, -1, 1)
