import numpy as np
import pytest

from framing.contrasts import OTHERS, Contrast, contrast_groups
from framing.counts import Counted, GroupCounts
from framing.groups import Grouping

CODES = ("doubt", "slogans")
VOICES = ("all", "outlet", "sources")


def group(name: str, rates: tuple[float, float], articles: int = 40, seed: int = 0) -> GroupCounts:
    """Ten sentences an article; all labels stand in the outlet's own words."""
    rng = np.random.default_rng([seed, len(name), *name.encode()])
    own = rng.binomial(10, np.array(rates)[:, None], (2, articles))
    positives = np.stack([own, own, np.zeros_like(own)], axis=1).reshape(6, articles)
    ids = tuple(f"{name}{number:03}" for number in range(articles))
    return GroupCounts(name, ids, np.full(articles, 10), positives, np.zeros((2, articles)))


def counted(*groups: GroupCounts) -> Counted:
    return Counted(tuple(sorted(groups, key=lambda one: one.group)), CODES, VOICES)


def only(contrasts: tuple[Contrast, ...], **fields: str) -> list[Contrast]:
    return [one for one in contrasts if all(getattr(one, name) == value for name, value in fields.items())]


def test_the_outlet_that_is_unlike_the_others_is_named() -> None:
    groups = [group(name, (0.1, 0.1)) for name in ("a", "b", "c", "d")]
    found = contrast_groups(counted(*groups, group("loud", (0.3, 0.1))))
    standing = [
        one for one in only(found, against=OTHERS, voice="outlet") if one.q is not None and one.q < 0.05
    ]
    loud = next(one for one in standing if one.group == "loud")
    assert loud.code == "doubt"
    assert {one.code for one in standing} == {"doubt"}  # the others use it less than all but them
    assert loud.log_odds is not None
    assert loud.low is not None
    assert loud.high is not None
    assert 0 < loud.low < np.log(0.3 / 0.7 * 9) < loud.high
    assert (loud.articles, loud.other_articles) == (40, 160)
    assert loud.share == loud.positives / 400
    assert loud.other == loud.other_positives / 1600


def test_pairs_are_compared_too_and_have_a_q_of_their_own() -> None:
    found = contrast_groups(counted(group("a", (0.1, 0.1)), group("b", (0.3, 0.1)), group("c", (0.1, 0.1))))
    pairs = {(one.group, one.against) for one in found if one.against != OTHERS}
    assert pairs == {("a", "b"), ("a", "c"), ("b", "c")}
    one = only(found, group="a", against="b", code="doubt", voice="all")[0]
    assert one.log_odds is not None
    assert one.q is not None
    assert one.log_odds < 0
    assert one.q < 0.05
    assert (one.articles, one.other_articles) == (40, 40)


def test_two_outlets_are_each_the_others_others() -> None:
    found = contrast_groups(counted(group("a", (0.1, 0.1)), group("b", (0.3, 0.1))))
    assert {one.against for one in found} == {OTHERS}
    first, second = only(found, code="doubt", voice="all")
    assert first.log_odds == pytest.approx(-(second.log_odds or 0))


def test_one_outlet_has_no_contrast() -> None:
    assert contrast_groups(counted(group("a", (0.1, 0.1)))) == ()


def test_many_outlets_are_not_paired() -> None:
    found = contrast_groups(counted(*(group(f"{number:02}", (0.1, 0.1), 6) for number in range(21))))
    assert {one.against for one in found} == {OTHERS}


def test_too_little_data_gives_none_and_says_why() -> None:
    found = contrast_groups(
        counted(group("a", (0.1, 0.0)), group("b", (0.2, 0.001)), group("few", (0.1, 0.1), 4))
    )
    few = only(found, group="few", against=OTHERS, code="doubt", voice="all")[0]
    assert few.reason == "no contrast: 4 articles here, it takes at least 5"
    assert few.log_odds is few.low is few.high is few.p is few.q is None
    never = only(found, group="a", against="b", code="slogans", voice="all")[0]
    assert never.reason is not None
    assert "articles carry it on both sides" in never.reason
    assert all((one.q is None) == (one.reason is not None) for one in found)


def test_q_is_the_adjusted_p_of_one_voice() -> None:
    found = contrast_groups(counted(*(group(name, (0.1, 0.2)) for name in ("a", "b", "c"))))
    tests = sorted(one.p or 0 for one in only(found, against=OTHERS, voice="all"))
    best = min(p * len(tests) / (rank + 1) for rank, p in enumerate(tests))
    assert min(one.q or 0 for one in only(found, against=OTHERS, voice="all")) == pytest.approx(min(best, 1))


def test_one_column_varies_and_the_others_are_held() -> None:
    rates = {"a · may": 0.1, "b · may": 0.3, "a · june": 0.3, "b · june": 0.1}
    groups = counted(*(group(name, (rate, 0.1)) for name, rate in rates.items()))
    found = only(contrast_groups(groups, Grouping(("outlet", "month"))), code="doubt", voice="all")
    assert {one.varies for one in found} == {"outlet", "month"}
    signs = {(one.group, one.varies): np.sign(one.log_odds or 0) for one in found}
    assert signs["a · may", "outlet"] == -1  # against b in May
    assert signs["a · may", "month"] == -1  # against itself in June
    assert signs["b · may", "month"] == 1
    assert all(one.against == OTHERS and one.other_articles == 40 for one in found)
