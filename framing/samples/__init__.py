"""Invented articles, so that every command can be tried without data of one's own."""

from pathlib import Path


def sample_articles_path() -> Path:
    """The file of sample articles, JSONL, which reads like any other input."""
    return Path(__file__).with_name("articles.jsonl")
