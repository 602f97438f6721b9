"""PolNeAR's reader, on invented articles; on the corpus where FRAMING_CORPORA names its folder."""

import os
from pathlib import Path

import pytest

from framing.errors import FramingError
from training.polnear import GoldAttribution, read_polnear, read_polnear_annotators

TEXT = "“We’ll pay,” said Ana Roe,\r\n“tomorrow.”\n\nThe Ministry denied it and blamed the weather.\n"


def _annotations(*relations: str, **spans: tuple[str, str]) -> str:
    """Stand-off lines; a span is given by its type and its text, pieces joined with `|`."""
    lines = []
    for name, (kind, quoted) in spans.items():
        pieces = quoted.split("|")
        offsets = ";".join(f"{TEXT.index(piece)} {TEXT.index(piece) + len(piece)}" for piece in pieces)
        lines.append(f"{name}\t{kind} {offsets}\t{' '.join(pieces)}")
    return "\n".join([*lines, *relations]) + "\n"


GOOD = _annotations(
    "E1\tAttribution:T4 Content:T3 Cue:T2 Source:T1",
    "E2\tAttribution:T8 Source:T5 Cue:T6 Content:T7 Content2:T9",
    "#1\tAnnotatorNotes T2\tA note.",
    "E3\tAttribution-no-source:T8",
    T1=("Source", "Ana Roe"),
    T2=("Cue", "said"),
    T3=("Content", "“We’ll pay,”|“tomorrow.”"),
    T4=("Attribution", "said"),
    T5=("Source", "The Ministry"),
    T6=("Cue", "denied"),
    T7=("Content", "it"),
    T8=("Attribution", "denied"),
    T9=("Content", "the weather"),
)
LESS = _annotations(
    "E1\tAttribution:T4 Content:T3 Cue:T2 Source:T1",
    T1=("Source", "Ana Roe"),
    T2=("Cue", "said"),
    T3=("Content", "“We’ll pay,”|“tomorrow.”"),
    T4=("Attribution", "said"),
)
ELSEWHERE = _annotations(
    "E1\tAttribution-no-source:T2 Content:T1 Cue:T2", T1=("Content", "the weather"), T2=("Cue", "blamed")
)


def _corpus(folder: Path, **annotators: str) -> Path:
    (folder / "dev" / "text").mkdir(parents=True)
    (folder / "dev" / "attributions").mkdir()
    (folder / "dev" / "text" / "paper_2016-01-01_a_b.txt").write_bytes(TEXT.encode())
    for annotator, lines in annotators.items():
        path = folder / "dev" / "attributions" / f"paper_2016-01-01_a_b_{annotator}.ann"
        path.write_bytes(lines.encode())
    return folder


def test_spans_keep_their_places(tmp_path: Path) -> None:
    (article,) = read_polnear(_corpus(tmp_path, aa=GOOD), "dev")
    assert (article.id, article.publisher, article.annotator) == ("paper_2016-01-01_a_b", "paper", "aa")
    assert article.text == TEXT
    first, second = article.attributions
    assert [TEXT[slice(*span)] for span in first.contents] == ["“We’ll pay,”", "“tomorrow.”"]
    assert [TEXT[slice(*span)] for span in first.sources + first.cues] == ["Ana Roe", "said"]
    assert [TEXT[slice(*span)] for span in second.contents] == ["it", "the weather"]


def test_a_span_over_a_paragraph_break_prints_on_several_lines(tmp_path: Path) -> None:
    lines = _annotations(
        "E1\tAttribution-no-source:T1 Content:T1", T1=("Content", "“tomorrow.”\n\nThe Ministry")
    )
    (article,) = read_polnear(_corpus(tmp_path, aa=lines), "dev")
    ((start, end),) = article.attributions[0].contents
    assert TEXT[start:end] == "“tomorrow.”\n\nThe Ministry"


def test_of_several_annotators_the_one_most_agreed_with_is_read(tmp_path: Path) -> None:
    folder = _corpus(tmp_path, aa=ELSEWHERE, bb=LESS, cc=GOOD)
    assert [article.annotator for article in read_polnear(folder, "dev")] == ["cc"]
    assert [article.annotator for article in read_polnear_annotators(folder, "dev")] == ["aa", "bb", "cc"]


def test_level_annotators_are_settled_by_code(tmp_path: Path) -> None:
    assert [one.annotator for one in read_polnear(_corpus(tmp_path, bb=LESS, aa=LESS), "dev")] == ["aa"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("T1\tSource 0 4\tWrong\n", r"_aa\.ann, line 1: 0 4 holds '“We’', expected 'Wrong'"),
        (LESS + "T9\tSource 990 992\tno\n", r"line 6: 990 992 holds '', expected 'no'"),
        ("E1\tContent:T7\n", "line 1: Content:T7 points to a span that the file does not have"),
        ("T1\tSource zero four\t“We’\n", "line 1: .*expected 'T1<tab>TYPE START END<tab>TEXT'"),
        ("E1\tnonsense\n", "line 1: .*expected 'E1<tab>ROLE:T1"),
        ("junk\n", "line 1: 'junk' is no T, E or # line"),
    ],
)
def test_a_line_that_does_not_fit_is_an_error_with_its_place(
    tmp_path: Path, lines: str, message: str
) -> None:
    with pytest.raises(FramingError, match=message):
        read_polnear(_corpus(tmp_path, aa=lines), "dev")


def test_a_missing_corpus_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FramingError, match="expected the PolNeAR corpus"):
        read_polnear(tmp_path, "train")


def test_a_missing_text_is_an_error(tmp_path: Path) -> None:
    folder = _corpus(tmp_path, aa=LESS)
    (folder / "dev" / "text" / "paper_2016-01-01_a_b.txt").unlink()
    with pytest.raises(FramingError, match="no such file"):
        read_polnear(folder, "dev")


def test_roles_are_asked_for_by_name() -> None:
    one = GoldAttribution(sources=((0, 1),), cues=((1, 2),), contents=((2, 3),))
    assert [one.spans("source"), one.spans("cue"), one.spans("content")] == [((0, 1),), ((1, 2),), ((2, 3),)]


@pytest.mark.skipif("FRAMING_CORPORA" not in os.environ, reason="FRAMING_CORPORA does not name a folder")
def test_the_corpus_is_read_whole() -> None:
    folder = Path(os.environ["FRAMING_CORPORA"]) / "polnear"
    train, dev = read_polnear(folder, "train"), read_polnear(folder, "dev")
    assert (len(train), len(dev)) == (840, 84)
    assert len({article.publisher for article in dev}) == 7
    assert (len(read_polnear_annotators(folder, "train")), len(read_polnear_annotators(folder, "dev"))) == (
        919,
        94,
    )
    assert sum(len(article.attributions) for article in dev) == 2189
