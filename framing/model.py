"""The network: one encoder pass over the sentences of a window, and the heads that read its token states."""

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.utils.generic import ModelOutput

from framing.encoder import ADAPTER_CONFIG, ADAPTER_WEIGHTS, WEIGHTS, find_encoder
from framing.errors import FramingError
from framing.losses import any_loss, masked_loss, tag_loss
from framing.settings import LAYOUT, SENTENCE, read_settings
from framing.tagging import TAGS

RARE = -4.0  # a new head's bias: nearly every word and sentence carries nothing
HEADS = ("label_head", "evidence_head", "evidence_pool")
ATTRIBUTION_HEAD = "attribution_head"


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

    A sentence's logit for a code is a linear reading of the mean of its token states, plus a learned share
    of the smooth maximum (log-sum-exp) of the code's evidence over its tokens: a code is as present as the
    words that carry it.
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
        self.label_head = nn.Linear(width, codes)
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
        states = self._read(input_ids, attention_mask, sentence_ids)
        members = _membership(sentence_ids).to(states.dtype)
        sizes = members.sum(-1, keepdim=True).clamp(min=1)
        means = (members @ states) / sizes
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

    def _read(self, input_ids: Tensor, attention_mask: Tensor, sentence_ids: Tensor) -> Tensor:
        """Turn tokens into states: (windows, tokens, width)."""
        seen, positions = attention_mask, None
        if self.config.attention == SENTENCE:
            same, positions = _own_sentence(sentence_ids, attention_mask)
            seen = same.unsqueeze(1)
        output = self.encoder(input_ids=input_ids, attention_mask=seen, position_ids=positions)
        return cast(Tensor, output.last_hidden_state)

    def _pulled(self, states: Tensor) -> Tensor:
        """Let only `attribution_pull` of the gradient through: the labels share the encoder."""
        pull: float = self.config.attribution_pull
        return states if not self.training or pull == 1 else pull * states + (1 - pull) * states.detach()


class AttributionHead(nn.Module):
    """Tags each token by its state and by what recurrent layers remember of the window on either side."""

    def __init__(self, width: int, memory: int = 128, layers: int = 2) -> None:
        super().__init__()
        self.memory = nn.LSTM(width, memory, num_layers=layers, batch_first=True, bidirectional=True)
        self.tags = nn.Linear(width + 2 * memory, len(TAGS))

    def forward(self, states: Tensor, attention_mask: Tensor) -> Tensor:
        """Turn (windows, tokens, width) into (windows, tokens, tags); padding is left out of the memory."""
        lengths = attention_mask.sum(1)
        remembered = self._remember(states, lengths) if self.training else self._pack(states, lengths)
        return cast(Tensor, self.tags(torch.cat([states, remembered], dim=-1)))

    def _pack(self, states: Tensor, lengths: Tensor) -> Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(
            states, lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        remembered, _ = nn.utils.rnn.pad_packed_sequence(
            self.memory(packed)[0], batch_first=True, total_length=states.shape[1]
        )
        return remembered

    def _remember(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Compute what `_pack` does, each direction by itself: six times as fast to train on a CPU.

        Torch has a fused kernel for whole rows only, whose backward direction would begin in the padding;
        so each row is turned around before and after.
        """
        places = torch.arange(states.shape[1], device=states.device).expand(states.shape[:2])
        turned = torch.where(places < lengths[:, None], lengths[:, None] - 1 - places, places).unsqueeze(-1)
        remembered = states
        for layer in range(self.memory.num_layers):
            onward = self._one_way(remembered, f"l{layer}")
            back = self._one_way(_turn(remembered, turned), f"l{layer}_reverse")
            remembered = torch.cat([onward, _turn(back, turned)], dim=-1)
        return remembered

    def _one_way(self, states: Tensor, name: str) -> Tensor:
        weights = [
            getattr(self.memory, f"{kind}_{name}")
            for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ]
        start = states.new_zeros(1, len(states), self.memory.hidden_size)
        found, _, _ = torch.lstm(states, (start, start), weights, True, 1, 0.0, self.training, False, True)
        return found


def _turn(states: Tensor, places: Tensor) -> Tensor:
    """Reorder the tokens of each row: (windows, tokens, width) by (windows, tokens, 1)."""
    return states.gather(1, places.expand(-1, -1, states.shape[2]))


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


def new_network(config: FramingConfig, encoder: Path) -> FramingNetwork:
    """Make a network whose encoder has the pretrained weights of a folder, and whose heads are new.

    Raises:
        FramingError: If the weights are not those of the configured encoder.
    """
    network = FramingNetwork(config)
    nn.init.constant_(network.evidence_head.bias, RARE)
    nn.init.constant_(network.label_head.bias, RARE)
    state = load_file(encoder / WEIGHTS)
    missing, _ = network.encoder.load_state_dict(state, strict=False)
    lost = [name for name in missing if not name.endswith("position_ids")]
    if lost:
        raise FramingError(
            f"{encoder / WEIGHTS}: no tensor {lost[0]}, expected the encoder that config.json names"
        )
    return network


def encoder_settings(encoder: Path) -> dict[str, Any]:
    """Read what `FramingConfig.encoder` needs from an encoder's own configuration."""
    settings = json.loads((encoder / "config.json").read_text("utf8"))
    dropped = {"_name_or_path", "architectures", "transformers_version", "gradient_checkpointing"}
    return {key: value for key, value in settings.items() if key not in dropped}


@contextmanager
def _peft_warnings_ignored() -> Iterator[None]:
    """Ignore an attribute of transformers that peft asks for by its old name: nothing a user can mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def add_adapter(network: FramingNetwork, *, rank: int, alpha: float, dropout: float = 0.0) -> nn.Module:
    """Wrap a network for training by low-rank adapters on every linear layer of the encoder.

    Biases and heads are trained too (LoRA: Hu et al. 2021, arXiv 2106.09685).
    """
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=rank,
        lora_alpha=alpha,
        lora_dropout=dropout,
        target_modules=r"encoder\..*\.(query|key|value|dense)",
        bias="all",
        modules_to_save=[*HEADS, ATTRIBUTION_HEAD] if network.config.attribution else list(HEADS),
    )
    with _peft_warnings_ignored():
        return cast(nn.Module, get_peft_model(network, config))


def _adapter_tensors(path: Path) -> dict[str, Tensor]:
    """Read an adapter's tensors."""
    return _without_copies(load_file(path))


def _without_copies(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Leave out the second copies of the heads' biases that peft keeps."""
    copies = (".modules_to_save.", ".original_module.")
    return {name: tensor for name, tensor in tensors.items() if not any(c in name for c in copies)}


def restore_adapter(wrapped: Any, folder: Path) -> None:
    """Give a network that `add_adapter` wrapped the weights of an adapter in a folder.

    Raises:
        FramingError: If there is no adapter, or it is of a network of another shape or with other codes.
    """
    from peft import get_peft_model_state_dict, set_peft_model_state_dict

    path = folder / ADAPTER_WEIGHTS
    if not path.is_file():
        raise FramingError(f"{folder}: no file {ADAPTER_WEIGHTS} there, expected a trained adapter")
    config = FramingConfig.from_pretrained(folder)
    same = list(config.codes) == list(wrapped.get_base_model().config.codes)
    tensors = {name: tensor.float() for name, tensor in _adapter_tensors(path).items()}
    ours = _without_copies(get_peft_model_state_dict(wrapped))
    if not same or _shapes(ours) != _shapes(tensors):
        raise FramingError(f"{folder}: another network than the run's settings make; start from one like it")
    set_peft_model_state_dict(wrapped, tensors)


def _shapes(tensors: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def save_adapter(wrapped: Any, folder: Path) -> None:
    """Write a trained adapter and its network's configuration, weights as float16."""
    wrapped.save_pretrained(folder, safe_serialization=True)
    (folder / "README.md").unlink(missing_ok=True)
    path = folder / ADAPTER_WEIGHTS
    halves = {name: tensor.half().contiguous() for name, tensor in _adapter_tensors(path).items()}
    save_file(halves, path, metadata={"format": "pt"})
    settings = json.loads((folder / ADAPTER_CONFIG).read_text("utf8"))
    settings["base_model_name_or_path"] = None  # found by its hash, not by a path of the training machine
    (folder / ADAPTER_CONFIG).write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n", "utf8")
    wrapped.get_base_model().config.save_pretrained(folder)


def load_network(folder: Path, encoder: Path | str | None = None) -> FramingNetwork:
    """Load a network for use, in float32 on the CPU: an adapter over the base encoder, or full weights.

    No code of the folder is run, and only safetensors are read.

    Args:
        folder: A model folder.
        encoder: Where the base encoder is, if not where `find_encoder` looks.

    Raises:
        FramingError: If the folder holds no model, or the base encoder can't be found.
    """
    read_settings(folder)
    config = FramingConfig.from_pretrained(folder)
    if (folder / ADAPTER_CONFIG).is_file():
        return _load_adapter(folder, config, encoder)
    if not (folder / WEIGHTS).is_file():
        raise FramingError(
            f"{folder}: neither {ADAPTER_CONFIG} nor {WEIGHTS} there, expected a model's weights"
        )
    network = FramingNetwork.from_pretrained(folder, config=config, use_safetensors=True)
    return cast(FramingNetwork, cast(Any, network).float().eval())


def _load_adapter(folder: Path, config: FramingConfig, encoder: Path | str | None) -> FramingNetwork:
    from peft import PeftModel

    if not (folder / ADAPTER_WEIGHTS).is_file():
        raise FramingError(
            f"{folder}: no file {ADAPTER_WEIGHTS} there, expected an adapter's weights in safetensors"
        )
    network = new_network(config, find_encoder(encoder))
    with _peft_warnings_ignored():
        wrapped = PeftModel.from_pretrained(network, folder)
    return cast(FramingNetwork, wrapped.float().merge_and_unload().eval())
