"""Articles that are plainly not English are counted, and said once."""

import logging
from pathlib import Path

import pytest
from click.testing import CliRunner

from framing.articles import read_articles
from framing.cli import cli
from framing.commands.inputs import read_again, survey
from framing.languages import is_foreign
from framing.samples import sample_articles_path

DANISH = (
    "Regeringen sagde i går, at den vil sende flere penge til kommunerne, for at de kan ansætte lærere. "
    "Statsministeren mener, at det er nødvendigt for børnene, og at der ikke er tid til at vente. "
    "Oppositionen siger, at planen er for dyr, og at der skal findes andre veje. "
    "Nu er der for mange i hver klasse."
)
DUTCH = (
    "De regering zei gisteren dat er meer geld naar de gemeenten gaat. Het was een moeilijk besluit, zei de "
    "minister, want er is niet veel tijd of geld. Wie was erbij toen de wet werd aangenomen? De oppositie "
    "vindt het plan te duur en wil dat er andere wegen worden gezocht. Drie jaar geleden was het anders."
)


@pytest.mark.parametrize("text", [DANISH, DUTCH])
def test_other_languages_are_told_from_english(text: str) -> None:
    assert is_foreign(text)
    assert not is_foreign(" ".join(text.split()[:20])), "too short to tell"


def test_the_sample_articles_are_english() -> None:
    assert not any(is_foreign(article.text) for article in read_articles([sample_articles_path()]))


def test_one_line_names_the_first_and_counts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name, text in (("a", "It is so."), ("b", DANISH), ("c", DUTCH)):
        (tmp_path / f"{name}.txt").write_text(text, "utf8")
    settings = {"columns": None, "outlet": "Avisen", "encoding": "utf-8"}
    with caplog.at_level(logging.WARNING):
        source = read_again((str(tmp_path),), settings)
        assert survey(source) == 3
        assert len(list(source())) == 3
    (said,) = caplog.messages
    assert said.startswith("not English: 2 of 3, first at")
    assert "b.txt: found 'Regeringen sagde i går" in said


def test_help_says_which_language() -> None:
    assert "English" in CliRunner().invoke(cli, ["--help"]).output
