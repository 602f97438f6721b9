"""Where the package keeps what ships with it."""

from importlib import resources
from pathlib import Path


def default_model() -> Path:
    """Return the folder of the model that ships with the package."""
    return Path(str(resources.files("framing") / "models" / "minilm"))
