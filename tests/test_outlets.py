from pathlib import Path

import numpy as np
import pytest

from framing.counts import Counted, GroupCounts
from framing.errors import FramingError
from training.outlets import label_polnear, measure_shuffles, shuffle


def counted(apart: bool) -> Counted:
    """Three outlets of 30 articles; if `apart`, each article of the last is full of labels."""
    rng = np.random.default_rng(0)
    groups = []
    for place, name in enumerate("abc"):
        rate = 0.8 if apart and place == 2 else 0.1
        ids = tuple(f"{name}{number}" for number in range(30))
        groups.append(
            GroupCounts(name, ids, np.full(30, 10), rng.binomial(10, rate, (1, 30)), np.zeros((1, 30)))
        )
    return Counted(tuple(groups), ("doubt",), ("all",))


def test_a_shuffle_deals_out_the_same_articles() -> None:
    before = counted(True)
    after = shuffle(before, np.random.default_rng(1))
    assert [len(group.articles) for group in after.groups] == [30, 30, 30]
    assert {name for group in after.groups for name in group.articles} == {
        name for group in before.groups for name in group.articles
    }
    held = dict(zip(before.groups[2].articles, before.groups[2].positives[0], strict=True))
    for group in after.groups:
        for name, positives in zip(group.articles, group.positives[0], strict=True):
            assert held.get(name, positives) == positives


def test_shuffled_outlets_hardly_ever_differ() -> None:
    found = measure_shuffles(counted(True), 60, np.random.default_rng(2))
    assert found["count"] == 60
    assert found["share_with_a_contrast"]["any"] <= 0.1


def test_labels_of_another_model_are_refused(tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    labels.write_text("{}\n", "utf8")
    with pytest.raises(FramingError, match="not labelled by the model that ships"):
        label_polnear(tmp_path, labels, encoder=None, threads=None)
