"""Settings of a training run, read from TOML; a key nobody knows is an error."""

import dataclasses
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from framing.codebook import load_codebook
from framing.errors import FramingError

Section = TypeVar("Section")


@dataclass(frozen=True, slots=True)
class Data:
    """What is learned from, and what it is watched on."""

    train: tuple[str, ...] = ("ptc",)
    shares: tuple[float, ...] = ()  # how often an epoch shows a corpus's articles; once if not given
    last_shares: tuple[float, ...] = ()  # the same for the last epoch; as `shares` if not given
    dev: str = "ptc"
    attribution_dev: str = ""  # corpus that attributions are watched on
    families: tuple[str, ...] = ("techniques",)
    annotations: tuple[str, ...] = ()  # files of training/annotations/, by name
    own_techniques: tuple[str, ...] = ()  # those of them whose techniques are learned too, not only devices
    gold: float = 1.0  # what gold counts where there is a guess too; the guess counts the rest
    left_out: str = ""  # fold of the training articles that is not learned from, as in "0/4"
    articles: int = 0  # most articles of each part; 0 for all


@dataclass(frozen=True, slots=True)
class Network:
    """The network and its adapter."""

    window: int = 256  # tokens
    context: int = 64  # tokens
    attention: str = "sentence"  # how far a token sees: its own sentence, or the window
    pooling: str = "evidence"  # what a sentence's logits read: its words' mean and evidence, or the mean
    layers: tuple[int, ...] = ()  # that the label head reads, 0 the embeddings; the last if none is given
    hidden: int = 0  # width of the label head's hidden layer; 0 for a linear reading
    linear: tuple[str, ...] = ()  # families read linearly from the last layer, beside a hidden layer
    dropout: float = 0.1  # share of pooled states
    attention_dropout: float = 0.0  # share of attention weights; more than 0 halves the speed on a CPU
    attribution: bool = False  # whether there is an attribution head
    attribution_weight: float = 2.0  # what its loss counts beside the others'
    attribution_pull: float = 1.0  # share of its gradient that reaches the encoder
    adapter: bool = True  # else every weight is trained
    rank: int = 32
    alpha: float = 32.0
    adapter_dropout: float = 0.0


@dataclass(frozen=True, slots=True)
class Training:
    """The loop."""

    epochs: int = 4
    batch_tokens: int = 1024  # tokens a step and process
    shortest_window: int = 48  # tokens; windows are drawn between this and `window`
    loss: str = "plain"  # of labels and evidence: plain, focal or asymmetric (framing/losses.py)
    balance: float = 0.0  # windows with a code that fewer of them carry are drawn more often; 0: all alike
    learning_rate: float = 4e-4  # of the heads
    layer_decay: float = 1.0  # each layer's learning rate, as a share of that of the one above it
    weight_decay: float = 0.01
    warmup: float = 0.06  # share of the steps
    clip: float = 1.0  # norm of the gradient
    averaging: float = 0.0  # share of the weights' moving average that a step keeps; 0: no average
    start_share: float = 0.0  # share of the weights it started with in the network that is scored and kept
    patience: int = 2  # epochs without a better score before it stops
    # scores whose sum is watched; the first alone is best while codes are still mixed up
    monitor: tuple[str, ...] = ("techniques_any_average_precision", "techniques_micro_f1")
    checkpoint_every: int = 200  # steps
    precision: str = "no"  # no, bf16 or fp16 (accelerate's mixed_precision)
    threshold_balance: float = 0.25  # 0: one threshold that serves micro F1; 1: each code's own
    seed: int = 1


CHOICES = {
    "loss": ("plain", "focal", "asymmetric"),
    "attention": ("sentence", "window"),
    "pooling": ("evidence", "mean"),
}
"""What a setting of that name may be."""
TOML_NAMES = {str: "a string", int: "an integer", float: "a float", bool: "a boolean", tuple: "an array"}
SHARES = {"averaging", "balance", "dropout", "gold", "layer_decay", "start_share", "warmup"}


@dataclass(frozen=True, slots=True)
class RunConfig:
    """One training run."""

    name: str
    version: str = "0.1.0"
    data: Data = field(default_factory=Data)
    network: Network = field(default_factory=Network)
    training: Training = field(default_factory=Training)


def read_config(path: Path) -> RunConfig:
    """Read a run's settings.

    Where they name another file beside theirs, `like = "gold.toml"`, they are what they change in its.

    Raises:
        FramingError: If a file is missing, is no TOML, or holds an unknown key or a value of another type.
    """
    raw = _read_settings(path, ())
    if "name" not in raw:
        raise FramingError(f"{path}: no key 'name', expected the run's name, as in name = \"techniques\"")
    return make_config(raw, f"{path}:")


def _read_settings(path: Path, before: tuple[Path, ...]) -> dict[str, Any]:
    if path in before:
        raise FramingError(f"{path}: is like itself, by way of {before[-1].name}; name a file that is not")
    own = read_toml(path, "a run's settings (training/configs/*.toml)")
    if (like := own.pop("like", None)) is None:
        return own
    if not isinstance(like, str):
        raise FramingError(f"{path}: like is {like!r}, expected the name of a file beside it, as a string")
    return merge_settings(_read_settings(path.parent / like, (*before, path)), own)


def merge_settings(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return settings with what others change in them, section by section."""
    return base | {
        name: base[name] | value if isinstance(value, dict) and isinstance(base.get(name), dict) else value
        for name, value in changes.items()
    }


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        FramingError: If it is missing, saying `what` was expected, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf8"))
    except FileNotFoundError:
        raise FramingError(f"{path}: no such file, expected {what}") from None
    except tomllib.TOMLDecodeError as error:
        raise FramingError(f"{path}: not TOML: {error}") from None


def make_config(raw: dict[str, Any], where: str) -> RunConfig:
    """Make a run's settings of sections as TOML has them; what is not there is as by default.

    Raises:
        FramingError: If there is an unknown key or a value of another type, or techniques are to be learned
            from a file that is not read; `where` says where.
    """
    sections = {"data": Data, "network": Network, "training": Training}
    parts: dict[str, Any] = {
        name: _fill(kind, raw.get(name, {}), f"{where} [{name}]") for name, kind in sections.items()
    }
    data: Data = parts["data"]
    if unread := [name for name in data.own_techniques if name not in data.annotations]:
        raise FramingError(
            f"{where} [data] own_techniques has {unread[0]!r}, expected some of annotations: "
            f"{', '.join(data.annotations) or 'there are none'}"
        )
    return _fill(RunConfig, raw | parts, where)


def codes_by_family(config: RunConfig) -> dict[str, tuple[str, ...]]:
    """Return the codes of each configured family, in the codebook's order.

    Raises:
        FramingError: If a family is not known.
    """
    families = known_families()
    if unknown := set(config.data.families) - set(families):
        raise FramingError(f"families: {sorted(unknown)[0]!r} is not known, expected techniques or devices")
    return {name: families[name] for name in config.data.families}


def all_codes(config: RunConfig) -> tuple[str, ...]:
    """Return the codes of all configured families, in the order of the network's logits.

    Raises:
        FramingError: If a family is not known.
    """
    return tuple(code for codes in codes_by_family(config).values() for code in codes)


def linear_places(config: RunConfig) -> list[int]:
    """Return the places, in the order of the network's logits, of the codes that are read linearly.

    Raises:
        FramingError: If a family is none of the run's, or there are no others that a hidden layer reads.
    """
    families, codes = codes_by_family(config), all_codes(config)
    linear = set(config.network.linear)
    if unknown := linear - set(families):
        raise FramingError(f"linear: found {min(unknown)!r}, expected some of {', '.join(families)}")
    if linear and (not config.network.hidden or len(linear) == len(families)):
        raise FramingError(
            f"linear: found {', '.join(config.network.linear)}, hidden = {config.network.hidden}; expected "
            "a hidden layer and another family that is read through it; or leave out linear and hidden"
        )
    return [codes.index(code) for name in config.network.linear for code in families[name]]


def shares_of(config: RunConfig, epoch: int) -> dict[str, float]:
    """Return how often an epoch, counted from 0, shows the articles of each corpus.

    Raises:
        FramingError: If there are not as many shares as corpora.
    """
    data = config.data
    shares = data.shares or (1.0,) * len(data.train)
    if epoch == config.training.epochs - 1:
        shares = data.last_shares or shares
    if len(shares) != len(data.train):
        raise FramingError(
            f"shares: found {len(shares)}, expected {len(data.train)}, "
            f"one for each of {', '.join(data.train)}"
        )
    return dict(zip(data.train, shares, strict=True))


def known_families() -> dict[str, tuple[str, ...]]:
    """Return the codes of every family of the codebook that ships, in its order."""
    codebook = load_codebook()
    entries = {"techniques": codebook.techniques, "devices": codebook.devices}
    return {name: tuple(entry.code for entry in its) for name, its in entries.items()}


def scored_families(codes: Sequence[str], annotated: bool) -> dict[str, list[str]]:
    """Return those of some codes that gold can score, by family: devices where annotations are read."""
    found = {name: [code for code in its if code in codes] for name, its in known_families().items()}
    return {name: own for name, own in found.items() if own and (name == "techniques" or annotated)}


def _fill(kind: type[Section], values: Any, where: str) -> Section:
    if not isinstance(values, dict):
        raise FramingError(f"{where} is {values!r}, expected a table of settings")
    known = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for name, value in values.items():
        if name not in known:
            raise FramingError(f"{where} unknown key {name!r}, expected one of {', '.join(known)}")
        expected = _default_type(known[name])
        given = tuple if isinstance(value, list) else type(value)
        if given is not expected and not (expected is float and given is int):
            raise FramingError(f"{where} {name} is {value!r}, expected {TOML_NAMES[expected]}")
        if name in SHARES and not 0 <= value <= 1:
            raise FramingError(f"{where} {name} is {value!r}, expected a share in [0, 1]")
        if name in CHOICES and value not in CHOICES[name]:
            raise FramingError(f"{where} {name} is {value!r}, expected one of {', '.join(CHOICES[name])}")
    return kind(**{n: tuple(v) if isinstance(v, list) else v for n, v in values.items()})


def _default_type(setting: dataclasses.Field[Any]) -> type:
    if setting.default is not dataclasses.MISSING:
        return type(setting.default)
    if setting.default_factory is not dataclasses.MISSING:
        return type(setting.default_factory())
    return str
