"""The README's commands are run with a tiny model, or at least understood."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from framing.samples import sample_articles_path
from tests.conftest import load_script
from tests.test_cli import framing

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf8")
WITH_MODEL, WITH_ENCODER = {"label", "run", "show", "verify"}, {"label", "run", "show", "stories", "verify"}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[list[str]]:
    """The commands of all bash blocks, in order, without comments; continued lines are one."""
    lines = "\n".join(blocks("bash")).replace("\\\n", " ").splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def session() -> list[str]:
    return [line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the README takes it to be: some articles, one of them alone."""
    (tmp_path / "articles").mkdir()
    shutil.copy(sample_articles_path(), tmp_path / "articles")
    (tmp_path / "framing" / "samples").mkdir(parents=True)
    shutil.copy(sample_articles_path(), tmp_path / "framing" / "samples")
    text = "https://herald.example/a\n\nThe gang will attack our people, the minister said."
    (tmp_path / "article.txt").write_text(text, "utf8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_of_the_command_line_runs(
    project: Path, tiny_model: Path, tiny_base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = [words for words in commands() if words[0] == "framing"]
    ours += [shlex.split(line.split("|")[0]) for line in session()]
    ours = [words for words in ours if "runs/minilm/model" not in words]  # of one's own training
    assert {"run", "label", "profile", "report", "show", "stories", "story"} <= {words[1] for words in ours}
    for _, verb, *arguments in ours:
        settings: list[object] = ["--model", tiny_model, "--device", "cpu"] if verb in WITH_MODEL else []
        settings += ["--encoder", tiny_base] if verb in WITH_ENCODER else []
        replaced = ["--force"] if ("-o" in arguments or "--output" in arguments) else []
        framing(verb, *arguments, *settings, *replaced)
        if verb == "sample":  # a reader labels it
            sample = (project / "sample.jsonl").read_text("utf8")
            filled = [{**json.loads(line), "labels": []} for line in sample.splitlines()]
            (project / "gold.jsonl").write_text("\n".join(map(json.dumps, filled)), "utf8")
    assert (project / "report.html").is_file()


def test_the_session_is_what_docs_remake_runs() -> None:
    assert session() == list(load_script("remake").SESSION)


def test_every_training_command_is_understood() -> None:
    from training.__main__ import cli

    found = [words[words.index("training") + 1 :] for words in commands() if "training" in words]
    assert {"fit", "evaluate", "card"} <= {words[0] for words in found}
    for verb, *arguments in found:
        for config in (word for word in arguments if word.startswith("training/configs/")):
            assert (ROOT / config).is_file()
        cli.commands[verb].make_context(verb, list(arguments)).close()


def test_make_and_install_lines_name_what_is_there() -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf8"), re.MULTILINE)
    extras = re.findall(r"^(\w+) = \[", (ROOT / "pyproject.toml").read_text("utf8"), re.MULTILINE)
    for words in commands():
        if words[0] == "make":
            assert words[1] in targets
        for extra in re.findall(r"\[(\w+)\]", " ".join(words)) if words[0] == "pip" else ():
            assert extra in extras
    known = {"make", "pip", "framing", "python", "accelerate", "git", "cd"}
    assert {words[0] for words in commands() if "=" not in words[0]} <= known


def test_the_notebook_lines_run(project: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framing.model_folder.default_model", lambda: tiny_model)
    (lines,) = blocks("python")
    assert len([line for line in lines.splitlines() if line.strip()]) <= 12
    exec(compile(lines, "README.md", "exec"), {})
    assert (project / "report.html").is_file()


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("https://"):
            assert (ROOT / target).exists(), target


def test_the_example_of_a_labels_file_is_one(tmp_path: Path) -> None:
    from framing.store import read_labels, to_row

    text = (ROOT / "docs" / "files.md").read_text("utf8")
    (example,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(json.loads(example)) + "\n", "utf8")
    (sentence,) = read_labels(path)
    assert json.loads(json.dumps(to_row(sentence))) == json.loads(example)
    assert set(json.loads(example)) <= set(re.findall(r"`(\w+)`", text)) | {"article_id", "outlet"}


def test_it_stays_short() -> None:
    assert len(README.splitlines()) <= 280
