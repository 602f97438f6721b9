"""A label head trained by itself, over an encoder that stays as it is.

The encoder reads every sentence once, and the head goes over these readings many times: a code that few
sentences carry needs that, and nothing else that the network does changes. Fine-tuning may go on from there:
it bends an encoder less whose head reads it well already (Kumar et al. 2022, arXiv 2202.10054).
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import torch
from rich.progress import track
from tokenizers import Tokenizer
from torch import Tensor, nn

from framing.adapters import adapter_tensors, restore_adapter, save_adapter
from framing.encoder import find_encoder
from framing.errors import FramingError
from framing.files import write_json
from framing.label_head import LabelHead, set_bias
from framing.losses import any_loss, masked_loss
from framing.model import FramingNetwork
from framing.weights import RARE
from framing.windows import load_tokenizer
from training.config import RunConfig, all_codes, linear_places
from training.examples import TokenBatches, TokenisedArticle, collate, make_epoch
from training.finish import RUN
from training.fit import make_model
from training.run_data import describe_run, read_train
from training.run_folder import check_start

EPOCHS, BATCH, RATE, DECAY = 15, 256, 1e-3, 0.05  # chosen on PTC dev
READ_DROPPED, HIDDEN_DROPPED = 0.2, 0.3  # shares


class Readings(NamedTuple):
    """What an encoder reads in sentences, and their gold.

    Attributes:
        means: (sentences, width), mean token states in the label head's layers.
        evidence: (sentences, codes), what the evidence adds to each logit.
        labels: (sentences, codes) in [0, 1].
        mask: (sentences, codes), 1 where that gold is known.
    """

    means: Tensor
    evidence: Tensor
    labels: Tensor
    mask: Tensor

    def of(self, codes: Sequence[int]) -> "Readings":
        """Keep what is known of some codes."""
        there = list(codes)
        return Readings(self.means, self.evidence[:, there], self.labels[:, there], self.mask[:, there])


def probe(
    config: RunConfig,
    corpora: Path,
    folder: Path,
    *,
    encoder: Path | None = None,
    guesses: Sequence[Path] = (),
    start: Path | None = None,
    beside: bool = False,
) -> dict[str, Any]:
    """Train a run's label head alone.

    Args:
        config: The run's settings, with a hidden layer.
        corpora: The folder that holds the corpora.
        folder: The run's folder: the network goes into `best/`, for `training.fit` to start with or for
            `training.finish`.
        encoder: Where the base encoder is, if not where `framing.encoder.find_encoder` looks.
        guesses: What `training.guesses` wrote, to learn from where there is no gold.
        start: Folder of an adapted network whose encoder and other heads are taken as they are, and its
            reading of the codes that are read linearly; the base encoder and new heads if not given.
        beside: Whether the hidden layer of `start` stays, and the new one fills up the run's width beside
            it: the logits are the mean of both's.

    Returns:
        What the run's `run.json` holds, with what `training.averaging` said of `start`.

    Raises:
        FramingError: If a corpus or the encoder is missing, the settings have no hidden layer or adapter,
            codes are to be read linearly that `start` reads otherwise, there is no room beside its hidden
            layer, or it lies in `folder`.
    """
    if not config.network.hidden or not config.network.adapter:
        raise FramingError(
            f"{config.name}: a label head is probed where it has a hidden layer and the encoder an adapter; "
            "set hidden and adapter in [network]"
        )
    check_start(folder, start)
    old = read_hidden(start, config) if beside else None
    torch.manual_seed(config.training.seed)
    base = find_encoder(encoder)
    tokenizer = load_tokenizer(base)
    codes = all_codes(config)
    train, dev, teachers = read_train(config, corpora, guesses)
    articles = [TokenisedArticle(gold, tokenizer) for gold in train]
    wrapped = make_model(config, base, codes, None)
    flat = linear_places(config)
    linear = read_linearly(start, flat) if start else {}
    if start:
        restore_adapter(wrapped, start, but_for="label_head")
    network: FramingNetwork = wrapped.get_base_model()
    readings = read_sentences(network, articles, tokenizer, config)
    deep = [i for i in range(len(codes)) if i not in flat]
    hidden = config.network.hidden - (old.inner.out_features if old else 0)
    head = train_head(readings.of(deep), hidden, _places_among(deep, network), config.training.seed)
    inner: Any = network.label_head
    kept = inner.modules_to_save["default"]  # where peft keeps what is trained
    (kept.deep if flat else kept).load_state_dict((old.beside(head) if old else head).state_dict())
    if linear:
        kept.linear.load_state_dict(linear)
    (folder / "best").mkdir(parents=True, exist_ok=True)
    save_adapter(wrapped, folder / "best")
    report = describe_run(config, codes, train, dev, start=start, teachers=teachers)
    report |= {"device": "cpu", "probed_sentences": len(readings.means), "best_epoch": 0, "history": []}
    report["hidden_kept"] = config.network.hidden - hidden
    if start and (start.parent / RUN).is_file():
        before = json.loads((start.parent / RUN).read_text("utf8"))
        report |= {name: before[name] for name in ("averaged", "update_lost") if name in before}
    write_json(folder / RUN, report)
    return report


def read_hidden(start: Path | None, config: RunConfig) -> LabelHead:
    """Read the hidden layer of a network's label head, and what reads it, from its folder.

    Raises:
        FramingError: If there is none, or it leaves no room in the run's.
    """
    if start is None:
        raise FramingError("--beside: beside which hidden layer? Give the network that has it: --from")
    tensors = {name.removeprefix("deep."): tensor for name, tensor in _read_head(start).items()}
    if "inner.weight" not in tensors:
        raise FramingError(f"{start}: its label head has no hidden layer, expected one to stand beside")
    hidden, width = tensors["inner.weight"].shape
    if config.network.hidden <= hidden:
        raise FramingError(
            f"{config.name}: hidden is {config.network.hidden}, expected more than {hidden}, the width of "
            f"{start}, for another to stand beside it"
        )
    head = LabelHead(width, hidden, len(tensors["outer.bias"]), config.network.dropout)
    head.load_state_dict({name: tensors[name] for name in head.state_dict()})
    return head


def read_linearly(start: Path, places: Sequence[int]) -> dict[str, Tensor]:
    """Read from a network's folder how it reads codes linearly from the last layer.

    Args:
        start: Folder of an adapted network.
        places: Of the codes.

    Returns:
        ``weight``, (codes, width), and ``bias``, (codes,); nothing where there are no such codes.

    Raises:
        FramingError: If it reads them otherwise.
    """
    if not places:
        return {}
    tensors = _read_head(start)
    if "linear.weight" in tensors:
        found = {name: tensors[f"linear.{name}"] for name in ("weight", "bias")}
        if len(found["bias"]) == len(places):
            return found
    elif "weight" in tensors:
        return {name: tensors[name][list(places)] for name in ("weight", "bias")}
    raise FramingError(f"{start}: expected a network that reads the same {len(places)} codes linearly")


def _read_head(start: Path) -> dict[str, Tensor]:
    """Read the tensors of a network's label head from its folder, by their names in it."""
    return {
        name.partition(".label_head.")[2]: tensor
        for name, tensor in adapter_tensors(start).items()
        if ".label_head." in name
    }


def _places_among(codes: Sequence[int], network: FramingNetwork) -> list[list[int]]:
    """Return the places of each family's codes among some codes; families that have none are left out."""
    found = [[codes.index(code) for code in its if code in codes] for its in network.config.families]
    return [its for its in found if its]


@torch.inference_mode()
def read_sentences(
    network: FramingNetwork, articles: Sequence[TokenisedArticle], tokenizer: Tokenizer, config: RunConfig
) -> Readings:
    """Let a network's encoder read all sentences that have any gold for labels."""
    codes = network.config.codes
    rows = make_epoch(
        articles,
        tokenizer,
        codes,
        seed=config.training.seed,
        epoch=0,
        shortest=config.training.shortest_window,
        longest=config.network.window,
        shares=dict.fromkeys(config.data.train, 1.0),
    )
    rows = rows.filter(lambda row: bool(row["guesses"]) or any(row["known"]))
    lengths = [len(ids) for ids in rows["input_ids"]]
    batches = TokenBatches(lengths, config.training.batch_tokens, seed=config.training.seed, epoch=0)
    network = cast(Any, network).eval()
    parts = []
    for places in track(list(batches), "reading"):
        batch = collate([rows[place] for place in places], len(codes), config.data.gold)
        states, means, members = network.read(
            batch["input_ids"], batch["attention_mask"], batch["sentence_ids"]
        )
        evidence = network.evidence_pool(network.evidence_head(states), members)
        kept = batch["label_mask"].amax(-1) > 0
        parts.append([part[kept] for part in (means, evidence, batch["labels"], batch["label_mask"])])
    return Readings(*(torch.cat(part) for part in zip(*parts, strict=True)))


def train_head(readings: Readings, hidden: int, families: Sequence[Sequence[int]], seed: int) -> LabelHead:
    """Train a label head on readings, standardised; the head that returns does that by its own weights."""
    means = readings.means.clone()
    centre, spread = means.mean(0), means.std(0).clamp(min=1e-3)
    read = (means - centre) / spread
    count, width = read.shape
    torch.manual_seed(seed)
    head = LabelHead(width, hidden, readings.labels.shape[1], HIDDEN_DROPPED)
    set_bias(head, RARE)
    dropout = nn.Dropout(READ_DROPPED)
    optimizer = torch.optim.AdamW(head.parameters(), RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-count // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    for _ in track(range(EPOCHS), "training the head"):
        for rows in torch.randperm(count).split(BATCH):
            logits = (head(dropout(read[rows])) + readings.evidence[rows]).unsqueeze(0)
            labels, mask = readings.labels[rows].unsqueeze(0), readings.mask[rows].unsqueeze(0)
            loss = masked_loss(logits, labels, mask) + any_loss(logits, labels, mask, families)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    with torch.no_grad():
        head.inner.weight.div_(spread)
        head.inner.bias.sub_(head.inner.weight @ centre)
    return head
