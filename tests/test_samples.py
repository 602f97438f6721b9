"""The sample articles: enough outlets and stories for every command, and nothing of the real world's web."""

import json
import re
from collections import defaultdict
from datetime import date
from urllib.parse import urlsplit

import pytest

from framing.records import Article
from framing.samples import sample_articles_path

FIELDS = {"id", "outlet", "title", "date", "url", "story", "text"}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    lines = sample_articles_path().read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_fields(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert set(row) == FIELDS
        date.fromisoformat(row["date"])
        Article(
            id=row["id"],
            outlet=row["outlet"],
            text=row["text"],
            title=row["title"],
            date=row["date"],
            url=row["url"],
            columns={"story": row["story"]},
        )


def test_ids_and_addresses_are_unique(rows: list[dict[str, str]]) -> None:
    assert len(rows) == 120
    for key in ("id", "url", "title"):
        assert len({row[key] for row in rows}) == len(rows)


def test_every_outlet_tells_every_story(rows: list[dict[str, str]]) -> None:
    outlets: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        outlets[row["outlet"]].append(row["story"])
    stories = {row["story"] for row in rows}
    assert len(outlets) == 4
    assert len(stories) == 29
    for told in outlets.values():
        assert len(told) == 30
        assert set(told) == stories


def test_addresses_are_reserved_and_belong_to_one_outlet(rows: list[dict[str, str]]) -> None:
    hosts: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        address = urlsplit(row["url"])
        assert address.scheme == "https"
        assert address.hostname is not None
        assert address.hostname.endswith(".example")
        hosts[row["outlet"]].add(address.hostname)
    assert all(len(found) == 1 for found in hosts.values())


def test_texts_are_paragraphs_below_the_title(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert row["text"].startswith(row["title"] + "\n\n")
        body = row["text"][len(row["title"]) :]
        assert 80 <= len(body.split()) <= 260, row["id"]
        paragraphs = row["text"].split("\n\n")
        assert all(part == part.strip() and "\n" not in part and part for part in paragraphs), row["id"]


def test_there_is_something_to_see(rows: list[dict[str, str]]) -> None:
    texts = "\n\n".join(row["text"] for row in rows)
    # A paragraph that opens a quotation, leaves it open and lets the next one open it again.
    assert re.search(r"\n\n“[^”\n]+\n\n“", texts)
    assert re.search(r'\n\n"[^"\n]+\n\n"', texts)
    assert "- Advertisement -" in texts
    # Paragraphs of the wire that other outlets took over.
    shared = defaultdict(set)
    for row in rows:
        for paragraph in row["text"].split("\n\n"):
            shared[paragraph].add(row["outlet"])
    assert sum(len(outlets) > 1 for outlets in shared.values()) >= 5
