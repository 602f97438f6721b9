import json
import os
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from framing import clusters
from framing.clusters import group_vectors
from framing.embeddings import Embedder
from framing.errors import FramingError
from framing.records import Article
from framing.sentences import split_sentences
from framing.stories import Stories, StoryArticle, find_stories, lead, read_stories

TOPICS = {
    "dam": "The old dam above Lindental broke after a week of heavy rain on Monday.",
    "vote": "Parliament rejected the pension bill by three votes late on Monday.",
}
ENDS = ("Nobody was hurt.", "More is to follow tomorrow.", "Officials gave no comment.")
WIRE = (
    "Rescue teams from three neighbouring towns reached the valley shortly before dawn and brought water, "
    "blankets and boats to the people on the roofs."
)


class Words:
    """A stand-in for the encoder: which words a text has."""

    def embed(self, texts: Iterable[str]) -> Any:
        kept = [set(text.lower().replace(".", "").split()) for text in texts]
        known = sorted(set().union(*kept))
        vectors = np.array([[word in words for word in known] for words in kept], dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def article(name: str, outlet: str, topic: str, *more: str, date: str | None = None) -> Article:
    text = " ".join([TOPICS[topic], ENDS[len(outlet) % 3], *more])
    return Article(name, outlet, text, date=date)


def news() -> list[Article]:
    return [
        article("a", "Herald", "dam", WIRE),
        article("b", "Wire", "dam", WIRE.replace("shortly before", "just before")),
        article("c", "Post", "dam"),
        article("d", "Herald", "vote"),
        article("e", "Wire", "vote"),
    ]


def found(articles: Iterable[Article], **settings: Any) -> Stories:
    return find_stories(articles, embedder=cast(Embedder, Words()), **{"threshold": 0.4} | settings)


def test_articles_on_one_event_are_one_story_in_any_order() -> None:
    stories = found(news())
    told = [[a.article_id for a in articles] for articles in stories.groups().values()]
    assert told == [["a", "c", "b"], ["d", "e"]]
    mixed = news()
    random.Random(3).shuffle(mixed)
    assert found(mixed) == stories


def test_sentences_that_two_outlets_print_are_marked() -> None:
    assert {a.article_id: a.copied for a in found(news()).articles} == {
        "a": (0, 2), "b": (0, 2), "c": (0,), "d": (0,), "e": (0,),
    }  # fmt: skip


def test_dates_part_what_words_do_not() -> None:
    def told(*dates: str | None) -> int:
        articles = [article(str(i), "Herald", "dam", date=date) for i, date in enumerate(dates)]
        return len(found(articles, window=7).groups())

    assert told("2021-11-01", "2021-11-08") == 1
    assert told("2021-11-01", "2021-11-09") == 2
    assert told("2021-11-01", None) == 1
    assert told("2021-11-01", "2022-11-01", "2021-11-03") == 2


@pytest.mark.parametrize("settings", [{"threshold": 0.0}, {"threshold": 1.0}, {"window": -1}])
def test_settings_out_of_range_are_an_error(settings: dict[str, Any]) -> None:
    with pytest.raises(FramingError, match="expected 0 < threshold < 1"):
        found(news(), **settings)


def test_no_article_is_an_error() -> None:
    with pytest.raises(FramingError, match="no article to group"):
        found([])


def test_a_title_that_opens_the_text_is_read_once() -> None:
    sentences = split_sentences(Article("a", "o", "Dam breaks\n\nIt rained. It broke. It is gone."))
    assert lead("Dam breaks", sentences, 2) == "Dam breaks\nIt rained.\nIt broke."
    assert lead(None, sentences, 2) == lead("Dam breaks", sentences, 2)
    assert lead("Flood", sentences, 2) == "Flood\nDam breaks\nIt rained."


def test_a_stories_file_is_read_as_written(tmp_path: Path) -> None:
    stories, path = found(news()), tmp_path / "stories.jsonl"
    stories.write(path)
    assert read_stories(path) == stories
    assert json.loads(path.read_text("utf8").splitlines()[0])["story"] == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"story": 0}, r"stories\.jsonl, line 2: story is 0"),
        ({"copied": [9]}, r"stories\.jsonl, line 2: copied holds an index out of range"),
        ({"outlet": 3}, r"stories\.jsonl, line 2: article_id, outlet, title and date must be text"),
        ({"article_id": "a"}, r"stories\.jsonl, line 2: article 'a' is there twice"),
        ({"extra": 1}, r"stories\.jsonl, line 2: .*expected a row as framing stories writes it"),
    ],
)
def test_a_broken_stories_file_is_one_clear_line(tmp_path: Path, change: Any, message: str) -> None:
    path = tmp_path / "stories.jsonl"
    Stories((StoryArticle("a", "o", 1, 2),)).write(path)
    row = json.loads(path.read_text("utf8"))
    path.write_text("\n".join(json.dumps(one) for one in (row, row | {"article_id": "b"} | change)), "utf8")
    with pytest.raises(FramingError, match=message):
        read_stories(path)
    with pytest.raises(FramingError, match="no such file"):
        read_stories(tmp_path / "none.jsonl")


def test_a_story_needs_sentences() -> None:
    with pytest.raises(ValueError, match="expected 1 or more"):
        StoryArticle("a", "o", 1, 0)


# Groups


def cloud(count: int, seed: int = 0) -> tuple[Any, Any]:
    """Vectors in loose heaps, some with days."""
    rng = np.random.default_rng(seed)
    heaps = rng.normal(size=(12, 6))
    vectors = (heaps[rng.integers(0, 12, count)] + 0.5 * rng.normal(size=(count, 6))).astype(np.float32)
    days = np.where(rng.random(count) < 0.6, rng.integers(0, 30, count).astype(float), np.nan)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), days


def partition(labels: Any) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == one).tolist()) for one in set(labels.tolist())}


@pytest.mark.parametrize("window", [4, 1e9])
def test_blocks_give_what_all_pairs_give(monkeypatch: pytest.MonkeyPatch, window: float) -> None:
    from sklearn.cluster import AgglomerativeClustering

    vectors, days = cloud(150)
    apart = 1 - (vectors @ vectors.T).astype(np.float64)
    apart[np.abs(days[:, None] - days[None]) > window] = 1
    expected = AgglomerativeClustering(
        n_clusters=None, distance_threshold=0.3, metric="precomputed", linkage="average"
    ).fit_predict(apart)
    monkeypatch.setattr(clusters, "BLOCK", 16)
    got = group_vectors(vectors, days, threshold=0.7, window=window)
    assert 20 < len(partition(got)) < 140
    assert partition(got) == partition(expected)


def test_a_part_too_large_for_memory_is_split_first(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _ = cloud(150)
    days = np.full(150, np.nan)
    monkeypatch.setattr(clusters, "LARGEST", 10)
    held = []
    link = clusters._link
    monkeypatch.setattr(clusters, "_link", lambda part, *rest: held.append(len(part)) or link(part, *rest))
    got = group_vectors(vectors, days, threshold=0.5, window=7)
    assert len(got) == 150
    assert sum(held) == 150
    monkeypatch.setattr(clusters, "LARGEST", 3000)
    held.clear()
    group_vectors(vectors, days, threshold=0.5, window=7)
    assert max(held) > 10


# The encoder


def test_vectors_are_masked_means_of_length_one(tiny_base: Path) -> None:
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModel

    texts = ["the minister said that people attack", "why", "nobody knows why it happened now " * 90]
    vectors = Embedder(tiny_base, threads=1).embed(texts)
    tokenizer = Tokenizer.from_file(str(tiny_base / "tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    batch = tokenizer.encode_batch(texts)
    ids = torch.tensor([one.ids for one in batch])
    mask = torch.tensor([one.attention_mask for one in batch])
    with torch.inference_mode():
        states = AutoModel.from_pretrained(tiny_base).eval()(input_ids=ids, attention_mask=mask)[0]
    means = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    expected = torch.nn.functional.normalize(means, dim=1).numpy()
    np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_a_vector_depends_on_its_text_alone(tiny_base: Path) -> None:
    texts = ["the minister said", "why it happened", "a border gang will attack our people now"]
    one = Embedder(tiny_base, threads=1).embed(texts)
    other = Embedder(tiny_base, threads=2).embed(texts[::-1])[::-1]
    assert one.tobytes() == np.ascontiguousarray(other).tobytes()


def test_another_encoder_is_an_error(tiny_encoder: Path) -> None:
    with pytest.raises(FramingError, match="sha256"):
        Embedder(tiny_encoder)


@pytest.mark.skipif(
    "FRAMING_SHARED" not in os.environ, reason="FRAMING_SHARED names no folder with articles/"
)
def test_five_articles_on_one_event_keep_other_news_out() -> None:
    from framing.articles import read_articles

    shared = Path(os.environ["FRAMING_SHARED"])
    news = sorted((shared / "corpora" / "ptc" / "dev-articles").glob("*.txt"))[:12]
    own = list(read_articles([shared / "articles"]))
    other = [Article(p.stem, "ptc", p.read_text("utf8")) for p in news]
    stories = find_stories([*other, *own], embedder=Embedder())
    assert [a.article_id for a in stories.groups()[1]] == [
        a.id for a in sorted(own, key=lambda a: (a.outlet, a.id))
    ]
