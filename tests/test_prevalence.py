import re
from dataclasses import replace

import pytest

from framing.prevalence import Prevalence


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"positives": 5, "sentences": 4}, "5 positives, expected 0 to 4"),
        ({"articles": 0}, "0 articles"),
        ({"observed": 1.5}, "observed is 1.5"),
        ({"low": 0.1}, "needs both its ends"),
        ({"reason": None}, "a missing one its reason"),
        ({"low": 0.2, "high": 0.1}, "the interval is [0.2, 0.1]"),
    ],
)
def test_an_impossible_prevalence_is_refused(fields: dict[str, float | None], message: str) -> None:
    good = {"positives": 1, "sentences": 4, "articles": 2, "observed": 0.25, "reason": "no interval"}
    with pytest.raises(ValueError, match=re.escape(message)):
        Prevalence(**{**good, **fields})  # type: ignore[arg-type]


def test_the_best_figure_is_the_corrected_one_where_it_is_there() -> None:
    counted = Prevalence(1, 4, 2, 0.25, reason="no interval")
    corrected = replace(
        counted, corrected=0.1, corrected_low=0.05, corrected_high=0.2, method="corrected", carrying=1
    )
    assert counted.best == (0.25, None, None)
    assert corrected.best == (0.1, 0.05, 0.2)
    with pytest.raises(ValueError, match="a missing one its reason"):
        replace(corrected, corrected_high=None)
    with pytest.raises(ValueError, match="that is not there"):
        replace(corrected, corrected=None)
