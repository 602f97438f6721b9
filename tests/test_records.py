"""Articles as a notebook makes them: what is no text is named."""

import pytest

from framing.records import Article

GIVEN = {"id": "1", "outlet": "Herald", "text": "One."}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("id", 1, "article 1: id is 1, expected text"),
        ("outlet", float("nan"), "article '1': outlet is nan, expected text"),
        ("text", None, "article '1': text is None, expected text"),
        ("title", float("nan"), "article '1': title is nan, expected text"),
        ("url", 5, "article '1': url is 5, expected text"),
        ("date", "01/03/2024", "article '1': date is '01/03/2024', expected a day in ISO 8601"),
        ("text", " \n", "article '1': text is empty"),
    ],
)
def test_a_field_that_is_not_as_expected_is_named(field: str, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Article(**{**GIVEN, field: value})  # type: ignore[arg-type]


def test_what_an_article_may_lack() -> None:
    assert Article(**GIVEN, date="2021-11-20").title is None
