"""The runs of an ablation: whether each can begin, and one of them."""

import io
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from framing.encoder import find_encoder
from framing.errors import FramingError
from framing.torch_engine import quieten
from training.ablation_plan import START, Plan
from training.annotation import read_settled
from training.config import RunConfig, all_codes, shares_of
from training.corpora import read_corpus, read_voiced
from training.fit import fit, make_model, network_config
from training.guesses import read_guesses
from training.scores import check_monitor


def check_plan(
    plan: Plan,
    corpora: Path,
    *,
    encoder: Path | None = None,
    guesses: Path | None = None,
    start: Path | None = None,
) -> None:
    """Make sure that every run of a plan can begin, before the first does.

    Raises:
        FramingError: If a corpus, an annotation, the guesses, the network to start with or the encoder is
            missing, or settings don't fit together.
    """
    base = find_encoder(encoder)
    if guesses:
        read_guesses(guesses)
    wanted: dict[tuple[str, str], None] = {}
    for variant in plan.variants:
        config = variant.config
        try:
            codes = all_codes(config)
            network_config(config, base, codes)
            for epoch in range(config.training.epochs):
                shares_of(config, epoch)
            check_monitor(config)
            read_settled(config.data.annotations)
            if START in variant.needs:
                make_model(config, base, codes, start)
        except FramingError as error:
            raise FramingError(f"{variant.name}: {error}") from None
        read_voiced(config, corpora)
        wanted |= {(config.data.dev, "dev"): None} | dict.fromkeys((n, "train") for n in config.data.train)
    for name, part in wanted:
        read_corpus(name, corpora, part)


def train_once(
    config: RunConfig, corpora: Path, encoder: Path | None, guesses: Path | None, start: Path | None
) -> dict[str, float]:
    """Train one network on one thread, keep the development scores of its best epoch, and nothing else."""
    torch.set_num_threads(1)
    quieten()
    with TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
        taught = [guesses] if guesses else []
        report = fit(config, corpora, Path(folder), encoder=encoder, guesses=taught, start=start)
    best = report["history"][report["best_epoch"] - 1]
    return {name: value for name, value in best.items() if name not in ("epoch", "loss")}
