"""The training command line: what it says before any work is spent."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from framing.errors import FramingError
from training.__main__ import cli


@pytest.mark.parametrize(
    "command",
    [
        ["evaluate", "no-model", "--corpus", "ptc", "--path", "no-corpus"],
        ["agreement"],
        ["ceiling", "--path", "no-corpus"],
        ["stories", "--corpora", "no-corpora"],
        ["ablate", "no-plan", "--corpora", "no-corpora"],
        ["guess", "no-model", "--corpora", "no-corpora", "--corpus", "ptc"],
    ],
    ids=lambda command: command[0],
)
def test_figures_that_could_not_be_written_are_not_measured(command: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, [*command, "-o", str(tmp_path)])
    assert isinstance(result.exception, FramingError)
    assert str(result.exception) == f"{tmp_path}: found the suffix '', expected " + (
        ".npz" if command[0] == "guess" else ".json"
    )
    output = tmp_path / "folder.npz" if command[0] == "guess" else tmp_path / "folder.json"
    output.mkdir()
    result = CliRunner().invoke(cli, [*command, "-o", str(output)])
    assert str(result.exception) == f"{output}: is a folder, expected the name of a file to write"
