"""Articles that are plainly not English are counted, and said once."""

import logging

import pytest
from click.testing import CliRunner

from framing.articles import read_articles
from framing.cli import cli
from framing.commands.inputs import survey
from framing.languages import is_foreign, watch_language
from framing.records import Article
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


def test_one_line_names_the_first_and_counts(caplog: pytest.LogCaptureFixture) -> None:
    given = [Article(str(at), "Avisen", text) for at, text in enumerate(("It is so.", DANISH, DUTCH))]
    with caplog.at_level(logging.WARNING):
        assert list(watch_language(given)) == given
    (said,) = caplog.messages
    assert said.startswith("not English: 2 articles, first '1' (Avisen);")


def test_a_survey_says_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert survey(lambda: iter([Article("a", "Avisen", DANISH)])) == 1
    assert "not English: 1 articles, first 'a' (Avisen)" in caplog.text


def test_help_says_which_language() -> None:
    assert "English" in CliRunner().invoke(cli, ["--help"]).output
