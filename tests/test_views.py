import io
from pathlib import Path

import pytest
from rich.console import Console

from framing.errors import FramingError
from framing.records import Article, Label, LabelledSentence
from framing.views import view_article
from tests.test_cli import framing

EVIL = "<script>alert(1)</script>\x1b[31m lies"
ARTICLE = Article("1", "The <b>Herald</b>", f"They lie.\n{EVIL}")


def labelled() -> list[LabelledSentence]:
    start = ARTICLE.text.index(EVIL)
    end = start + len(EVIL)
    spans = ((end - 4, end),)
    quoted = Label("doubt", 0.9, spans, "quoted", "<i>Moscow</i>")
    own = Label("own_code", 0.8, ((end - 8, end - 2),), "outlet")
    return [
        LabelledSentence("1", ARTICLE.outlet, 0, 0, 9, "They lie.", {}),
        LabelledSentence("1", ARTICLE.outlet, 1, start, end, EVIL, {}, (quoted, own)),
        LabelledSentence("2", ARTICLE.outlet, 0, 0, 5, "Rain.", {}),
    ]


def printed(color: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, width=200, force_terminal=color, color_system="standard" if color else None)
    console.print(view_article(ARTICLE, labelled()))
    return out.getvalue()


def test_a_terminal_shows_sentences_with_notes() -> None:
    lines = [line.rstrip() for line in printed(color=False).splitlines()]
    assert lines[:2] == ["1, The <b>Herald</b>", "They lie."]
    assert lines[3] == "    Doubt 0.90, quoted: <i>Moscow</i> (lies)"
    assert lines[4].startswith("    own_code 0.80, outlet (")
    assert "Rain." not in lines


def test_an_article_cannot_steer_the_terminal() -> None:
    assert "\x1b[31m" not in printed(color=True)
    assert "\x1b[1;7m" in printed(color=True)  # ours: the marked words


def test_a_notebook_shows_text_as_text() -> None:
    page = view_article(ARTICLE, labelled())._repr_html_()
    assert "<script>" not in page
    assert "<b>Herald" not in page
    assert "<i>Moscow" not in page
    assert page.count("<mark") == 1  # two labels that overlap mark one stretch
    assert repr(view_article(ARTICLE, labelled())) == "<view of article '1', 2 sentences>"


def test_labels_below_a_score_are_left_out() -> None:
    kept = view_article(ARTICLE, labelled(), min_score=0.9).sentences
    assert [[label.code for label in sentence.labels] for sentence in kept] == [[], ["doubt"]]
    with pytest.raises(FramingError, match="min_score: found 90, expected a score from 0 to 1"):
        view_article(ARTICLE, labelled(), min_score=90)


def test_an_article_that_was_not_labelled_is_named() -> None:
    with pytest.raises(FramingError, match="no labelled sentence of article '9'"):
        view_article(Article("9", "x", "Rain."), labelled())


def test_show_prints_an_article(
    tiny_model: Path, tiny_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(
            f"Talks of {name} fail.\n\nThe gang will attack our people.", "utf8"
        )
    arguments = ("show", tmp_path, "--outlet", "X", "--model", tiny_model, "--device", "cpu")
    framing(*arguments, "--id", "b")
    shown = capsys.readouterr().out
    assert "Talks of b fail." in shown
    assert "Talks of a fail." not in shown
    framing(*arguments, "--id", "c", code=1)
    assert "no article 'c' in the input" in capsys.readouterr().err
