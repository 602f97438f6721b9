"""Fine-tune a network: one loop, read from top to bottom."""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.data_loader import prepare_data_loader
from accelerate.utils import set_seed
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from tokenizers import Tokenizer
from torch.utils.data import DataLoader

from framing.adapters import add_adapter, restore_adapter
from framing.encoder import find_encoder
from framing.errors import FramingError
from framing.files import write_json
from framing.model import FramingConfig
from framing.torch_engine import TorchEngine
from framing.weights import encoder_settings, new_network
from framing.windows import load_tokenizer
from training.attribution_metrics import score
from training.attribution_scores import count_all
from training.config import RunConfig, all_codes, codes_by_family, linear_places, shares_of
from training.corpora import read_voiced
from training.examples import TokenBatches, TokenisedArticle, collate, make_epoch
from training.finish import RUN
from training.optimising import MovingAverage, Origin, group_weights, rise_and_fall
from training.predictions import predict, select
from training.run_data import describe_run, read_train
from training.run_folder import claim, find_checkpoint, keep_best, save_checkpoint
from training.scores import check_monitor, quick_scores


@dataclass
class Progression:
    """Where a run stands; travels in its checkpoints."""

    epoch: int = 0
    step: int = 0  # within the epoch
    loss: float = 0.0  # the sum of the epoch's steps, over this process
    best: float = -float("inf")
    best_epoch: int = -1
    history: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return dataclasses.asdict(self)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up where a checkpoint stood."""
        for name, value in state.items():
            setattr(self, name, value)


def fit(  # noqa: PLR0915 - one loop, read from top to bottom
    config: RunConfig,
    corpora: Path,
    folder: Path,
    *,
    encoder: Path | None = None,
    guesses: Sequence[Path] = (),
    start: Path | None = None,
) -> dict[str, Any]:
    """Train a network as configured; a run that was stopped goes on from its last checkpoint.

    Args:
        config: The run's settings.
        corpora: The folder that holds the corpora, each in a folder of its name.
        folder: Where the run keeps its checkpoints, its best network (`best/`) and `run.json`.
        encoder: Where the base encoder is, if not where `framing.encoder.find_encoder` looks.
        guesses: What `training.guesses` wrote, to learn from where there is no gold.
        start: Folder of an adapted network of the same shape whose weights the run starts with; from the
            encoder's own if not given.

    Returns:
        What `run.json` holds: settings, data, and the scores of every epoch.

    Raises:
        FramingError: If a corpus or the encoder is missing, the folder holds another run, or the network
            to start with has another shape.
    """
    settings = config.training
    accelerator = Accelerator(mixed_precision=settings.precision)
    set_seed(settings.seed)
    check_monitor(config)
    claim(folder, config, guesses, start, accelerator.num_processes)
    base = find_encoder(encoder)
    tokenizer = load_tokenizer(base)
    families = codes_by_family(config)
    codes = all_codes(config)
    most = config.data.articles or None
    train_gold, dev_gold, teachers = read_train(config, corpora, guesses)
    dev = [TokenisedArticle(a, tokenizer) for a in dev_gold[:most]]
    voiced_gold = read_voiced(config, corpora)
    voiced = [TokenisedArticle(gold, tokenizer) for gold, _ in voiced_gold]
    train = [TokenisedArticle(a, tokenizer) for a in train_gold]

    model = make_model(config, base, codes, start)
    processes = accelerator.num_processes
    epochs = [
        _epoch_batches(train, tokenizer, codes, config, epoch, processes) for epoch in range(settings.epochs)
    ]
    steps = sum(len(batches) // processes for _, batches in epochs)
    optimizer = torch.optim.AdamW(
        group_weights(
            model,
            learning_rate=settings.learning_rate,
            weight_decay=settings.weight_decay,
            layer_decay=settings.layer_decay,
        )
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rise_and_fall(steps, settings.warmup))
    model, optimizer = accelerator.prepare(model, optimizer)
    at = Progression()
    accelerator.register_for_checkpointing(at, schedule)  # not prepared: its steps are counted already
    average = MovingAverage(model.parameters(), settings.averaging) if settings.averaging else None
    if average:
        accelerator.register_for_checkpointing(average)
    origin = Origin(model.parameters(), settings.start_share)
    if checkpoint := find_checkpoint(folder):
        accelerator.load_state(str(checkpoint))
        accelerator.print(f"going on from epoch {at.epoch + 1}, step {at.step}")

    report = describe_run(config, codes, train_gold, dev_gold, start=start, teachers=teachers)
    report["device"] = str(accelerator.device)
    while at.epoch < settings.epochs and at.epoch - at.best_epoch <= settings.patience:
        rows, batches = epochs[at.epoch]
        loader = prepare_data_loader(
            # a generator of its own: starting the loader must not move the one that dropout draws from
            DataLoader(
                rows,
                batch_sampler=batches,
                collate_fn=partial(collate, codes=len(codes), gold=config.data.gold),
                generator=torch.Generator(),
            ),
            accelerator.device,
            processes,
            accelerator.process_index,
            put_on_device=True,
            even_batches=False,
        )
        model.train()
        for batch in _watch(accelerator, loader, at, len(batches) // processes):
            loss = model(**batch).loss
            accelerator.backward(loss)
            accelerator.clip_grad_norm_(model.parameters(), settings.clip)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            if average:
                average.update()
            at.loss += float(loss.detach())
            at.step += 1
            if at.step % settings.checkpoint_every == 0:
                save_checkpoint(accelerator, folder)

        with average.applied() if average else nullcontext(), origin.mixed_in():
            engine = TorchEngine(accelerator.unwrap_model(model), accelerator.device)
            found = predict(engine, dev, tokenizer)
            scores = {
                f"{family}_{name}": value
                for family, its_codes in families.items()
                for name, value in quick_scores(select(found, its_codes)).items()
            }
            if voiced:
                counts = count_all(predict(engine, voiced, tokenizer), [a for _, a in voiced_gold])
                scores |= {
                    f"{name}_f1": found.f1 or 0.0 for name, found in score(counts, resamples=1).items()
                }
            own_loss = torch.tensor(at.loss / max(at.step, 1), device=accelerator.device)
            loss = float(accelerator.reduce(own_loss, "mean"))
            at.history.append({"epoch": at.epoch + 1, "loss": loss, **scores})
            accelerator.print(json.dumps(at.history[-1]))
            watched = sum(scores[name] for name in settings.monitor)
            if watched > at.best:
                at.best, at.best_epoch = watched, at.epoch
                if accelerator.is_main_process:
                    keep_best(accelerator.unwrap_model(model), tokenizer, folder / "best")
        at.epoch, at.step, at.loss = at.epoch + 1, 0, 0.0
        save_checkpoint(accelerator, folder)

    report |= {"best_epoch": at.best_epoch + 1, "history": at.history}
    if accelerator.is_main_process:
        write_json(folder / RUN, report)
    return report


def network_config(config: RunConfig, encoder: Path, codes: tuple[str, ...]) -> FramingConfig:
    """Return the network's configuration for a run.

    Raises:
        FramingError: If the label head is to read a layer that the encoder does not have, or codes linearly
            that are no family's of the run, or without the last layer.
    """
    settings = encoder_settings(encoder)
    most, layers = settings["num_hidden_layers"], config.network.layers
    if wrong := [layer for layer in layers if not 0 <= layer <= most]:
        raise FramingError(f"layers: found {wrong[0]}, expected numbers from 0, the embeddings, to {most}")
    if config.network.linear and layers and layers[-1] != most:
        raise FramingError(
            f"layers ends with {layers[-1]}, expected {most}, the last: what is linear is read from there"
        )
    settings["attention_probs_dropout_prob"] = config.network.attention_dropout
    return FramingConfig(
        encoder=settings,
        codes=list(codes),
        window=config.network.window,
        context=config.network.context,
        dropout=config.network.dropout,
        attribution=config.network.attribution,
        attribution_weight=config.network.attribution_weight,
        attribution_pull=config.network.attribution_pull,
        families=[[codes.index(code) for code in its] for its in codes_by_family(config).values()],
        loss=config.training.loss,
        attention=config.network.attention,
        layers=list(config.network.layers),
        hidden=config.network.hidden,
        linear=linear_places(config),
    )


def make_model(config: RunConfig, base: Path, codes: tuple[str, ...], start: Path | None) -> Any:
    """Make the network that is trained, wrapped by its adapter if it has one."""
    model: Any = new_network(network_config(config, base, codes), base)
    if config.network.adapter:
        model = add_adapter(
            model,
            rank=config.network.rank,
            alpha=config.network.alpha,
            dropout=config.network.adapter_dropout,
        )
        if start:
            restore_adapter(model, start)
    elif start:
        raise FramingError(f"{start}: only runs with an adapter start with a network; set adapter = true")
    if config.network.pooling == "mean":
        _leave_out_evidence(model)
    return model


def _leave_out_evidence(model: torch.nn.Module) -> None:
    """Fix the share of the evidence in a sentence's logits at zero."""
    for name, weight in model.named_parameters():
        if "evidence_pool" in name:
            torch.nn.init.zeros_(weight.requires_grad_(False))


def _epoch_batches(
    train: list[TokenisedArticle],
    tokenizer: Tokenizer,
    codes: tuple[str, ...],
    config: RunConfig,
    epoch: int,
    processes: int,
) -> tuple[Any, TokenBatches]:
    settings = config.training
    rows = make_epoch(
        train,
        tokenizer,
        codes,
        seed=settings.seed,
        epoch=epoch,
        shortest=settings.shortest_window,
        longest=config.network.window,
        shares=shares_of(config, epoch),
        balance=settings.balance,
    )
    lengths = [len(ids) for ids in rows["input_ids"]]
    return rows, TokenBatches(
        lengths, settings.batch_tokens, seed=settings.seed, epoch=epoch, processes=processes
    )


def _watch(accelerator: Accelerator, loader: Any, at: Progression, total: int) -> Iterator[Any]:
    """Yield the epoch's batches that are still to do, behind a progress bar with the time left."""
    columns = (
        TextColumn("epoch {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, disable=not accelerator.is_main_process) as progress:
        task = progress.add_task(str(at.epoch + 1), total=total, completed=at.step)
        for batch in accelerator.skip_first_batches(loader, at.step) if at.step else loader:
            yield batch
            progress.advance(task)
