import builtins
import sys
from dataclasses import replace
from math import exp
from typing import Any

import pytest

from framing.charts import plot_contrasts, plot_profiles
from framing.errors import FramingError
from framing.profiles import Profiles
from framing.profiling import build_profiles
from framing.records import Label, LabelledSentence
from framing.stories import Stories, StoryArticle
from framing.within import compare_within_stories

CODES = ("doubt", "slogans", "own_code")


def rows() -> list[LabelledSentence]:
    found = []
    for outlet in ("Herald", "Tide"):
        for article in range(14):
            for index in range(5):
                some = index < (3 if outlet == "Herald" else 1) + article % 2
                labels = (Label("doubt", 0.9, (), "outlet"),) if some else ()
                scores = dict.fromkeys(CODES, 0.1)
                name = f"{outlet}-{article}"
                found.append(LabelledSentence(name, outlet, index, 0, 5, "Lies.", scores, labels, "outlet"))
    return found


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    return build_profiles(rows(), draws=100)


def test_profiles_are_drawn_with_named_axes_and_intervals(profiles: Profiles) -> None:
    figure = profiles.plot(codes=["doubt", "own_code"])
    doubt, own = figure.axes
    assert [axes.get_title(loc="left") for axes in (doubt, own)] == ["Doubt", "Own code"]
    assert [label.get_text() for label in doubt.get_yticklabels()] == ["Herald", "Tide"]
    assert figure.get_supxlabel() == "sentences (%)"
    assert len(doubt.collections) == 2  # an interval each
    assert len(own.collections) == 0  # nobody carries it: no interval
    shown = [line.get_xdata()[0] for line in doubt.lines]
    assert shown == [100 * p.estimates["doubt", "outlet"].best[0] for p in profiles.profiles]


def test_the_most_frequent_codes_are_drawn_if_none_is_named(profiles: Profiles) -> None:
    figure = profiles.plot()
    assert figure.axes[0].get_title(loc="left") == "Doubt"
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_a_voice_or_code_that_is_not_there_is_named(profiles: Profiles) -> None:
    with pytest.raises(FramingError, match="no voice 'loud' in these profiles, expected all, outlet"):
        plot_profiles(profiles, voice="loud")
    with pytest.raises(FramingError, match="no code 'fear' in these profiles, expected doubt"):
        plot_profiles(profiles, codes=["fear"])


def test_differences_within_stories_are_drawn() -> None:
    told = Stories(
        tuple(
            StoryArticle(f"{outlet}-{article}", outlet, article + 1, 5)
            for article in range(14)
            for outlet in ("Herald", "Tide")
        )
    )
    figure = compare_within_stories(rows(), told, copies="with", draws=100).plot()
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Herald", "Tide"]
    herald, tide = ([line.get_xdata()[0] for line in axes.lines] for axes in figure.axes)
    assert [herald[0], tide[0]] == pytest.approx([40, -40])


def test_contrasts_are_drawn_as_odds_ratios_with_intervals(profiles: Profiles) -> None:
    figure = profiles.plot_contrasts()
    herald, tide = figure.axes
    assert [axes.get_title(loc="left") for axes in (herald, tide)] == ["Herald", "Tide"]
    assert figure.get_supxlabel() == "odds ratio (above 1: used more)"
    assert herald.get_xscale() == "log"
    assert herald.get_xlim() == tide.get_xlim()
    assert herald.get_xlim()[0] * herald.get_xlim()[1] == pytest.approx(1)
    (one,) = (c for c in profiles.contrasts if (c.group, c.voice, c.code) == ("Herald", "outlet", "doubt"))
    (dot,) = (line for line in herald.lines if line.get_marker() == "o")
    assert one.log_odds is not None
    assert one.low is not None
    assert dot.get_xdata()[0] == pytest.approx(exp(one.log_odds))
    assert dot.get_markerfacecolor() != "white"  # it stands
    assert len(herald.collections) == 1  # the interval
    assert herald.collections[0].get_segments()[0][0][0] == pytest.approx(exp(one.low))


def test_contrasts_with_one_outlet_are_turned_its_way() -> None:
    more = [
        replace(row, outlet="Wire", article_id=f"w{row.article_id}") for row in rows() if row.outlet == "Tide"
    ]
    three = build_profiles([*rows(), *more], draws=100)
    figure = plot_contrasts(three, against="Herald", voice="all")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Tide", "Wire"]
    for axes in figure.axes:
        (dot,) = (line for line in axes.lines if line.get_marker() == "o")
        assert dot.get_xdata()[0] < 1  # Herald uses it more
    with pytest.raises(FramingError, match="no outlet 'Post' in these profiles, expected Herald, Tide, Wire"):
        plot_contrasts(three, against="Post")
    with pytest.raises(FramingError, match="no voice 'loud'"):
        plot_contrasts(three, voice="loud")


def test_nothing_to_contrast_is_one_line() -> None:
    few = build_profiles([row for row in rows() if row.article_id.endswith("1")], draws=100)
    with pytest.raises(FramingError, match="nothing can be contrasted in the voice 'outlet'"):
        few.plot_contrasts()


def test_without_matplotlib_one_line_says_what_to_install(
    profiles: Profiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "framing.charts")
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(FramingError, match=r"pip install 'framing\[plots\]'"):
        profiles.plot()
