"""How the templates of this folder are filled, and where the measured figures lie that fill them."""

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

MEASUREMENTS = Path(__file__).parent / "measurements"


def make_environment(**filters: Callable[..., object]) -> Environment:
    """Return what fills the templates of this folder with Markdown; a name that they lack is an error."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters.update(filters)
    return environment
