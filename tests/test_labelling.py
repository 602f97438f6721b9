from pathlib import Path

import pytest

from framing.articles import read_articles
from framing.errors import FramingError
from framing.labelling import Model
from framing.labels import Tally
from framing.model_folder import load_model
from framing.records import Article
from framing.samples import sample_articles_path


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> Model:
    return load_model(tiny_model, device="cpu")


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    return list(read_articles([sample_articles_path()]))


def test_rows_fit_their_articles(model: Model, articles: list[Article]) -> None:
    texts = {a.id: a.text for a in articles}
    labels = model.label(articles)
    assert {s.article_id for s in labels} == set(texts)
    for row in labels:
        text = texts[row.article_id]
        assert row.text == text[row.start : row.end]
        assert tuple(row.scores) == model.codes
        for label in row.labels:
            assert row.scores[label.code] == label.score >= 0.5
            assert label.spans
            for start, end in label.spans:
                assert row.start <= start < end <= row.end
                assert not text[start].isspace()
                assert not (text[end - 1].isalnum() and text[end : end + 1].isalnum())
        assert {c for c, s in row.scores.items() if s >= 0.5} == {x.code for x in row.labels}


def test_without_attribution_head_no_voice_is_guessed(model: Model, articles: list[Article]) -> None:
    labels = model.label(articles[:2])
    assert {row.voice for row in labels} == {None}
    assert {label.voice for row in labels for label in row.labels} == {None}


def test_scores_depend_on_nothing_but_the_article(tiny_model: Path, articles: list[Article]) -> None:
    one = load_model(tiny_model, device="cpu", batch_size=1, threads=1).label(articles)
    other = load_model(tiny_model, device="cpu", batch_size=64, threads=2).label(articles[::-1])
    assert sorted(one, key=lambda r: (r.article_id, r.index)) == sorted(
        other, key=lambda r: (r.article_id, r.index)
    )


def test_provenance_says_how_it_was_made(model: Model, articles: list[Article], tiny_model: Path) -> None:
    from framing.encoder import hash_file

    labels = model.label(articles)
    made = labels.provenance
    assert (made.articles, made.sentences) == (len(articles), len(labels))
    assert made.weights_sha256 == hash_file(tiny_model / "model.safetensors")
    assert (made.device, made.precision, made.model) == ("cpu", "fp32", "tiny 0")
    assert made.files["decisions.json"] == hash_file(tiny_model / "decisions.json")
    assert made.machine
    assert made.tolerance == {"same": 0.0, "elsewhere": 0.001, "precision": 0.1}
    assert made.agreement == {}
    assert made.input_sha256 == model.label(articles).provenance.input_sha256
    assert made.input_sha256 != model.label(articles[1:]).provenance.input_sha256


def test_results_are_a_table_in_one_call(model: Model, articles: list[Article]) -> None:
    labels = model.label(articles[:1])
    table = labels.to_pandas()
    assert len(table) == len(labels)
    assert list(table.columns[:6]) == ["article_id", "outlet", "index", "text", "labels", "voice"]
    assert set(model.codes) < set(table.columns)


def test_articles_stream(model: Model, articles: list[Article]) -> None:
    seen = []

    def feed() -> object:
        for number in range(200):
            seen.append(number)
            yield Article(str(number), "o", articles[0].text)

    tally = Tally()
    first = next(model.label_each(feed(), tally))  # type: ignore[arg-type]
    assert first[0].article_id == "0"
    assert len(seen) < 100
    assert tally.articles == 1


def test_an_article_without_a_sentence_is_one_clear_line(model: Model) -> None:
    with pytest.raises(FramingError, match=r"article 'x' \(o\): no sentence in its 3 characters"):
        model.label([Article("x", "o", "...")])


def test_an_id_that_comes_twice_is_refused(model: Model, articles: list[Article]) -> None:
    with pytest.raises(FramingError, match="a second article of this id; make the ids unique"):
        model.label([articles[0], articles[1], articles[0]])


@pytest.mark.parametrize("given", [None, "text", Path("a.txt"), Article("a", "o", "One."), ["text"]])
def test_what_is_no_article_is_named(given: object, model: Model) -> None:
    with pytest.raises(FramingError, match="expected a list of articles, as"):
        model.label(given)  # type: ignore[arg-type]
