"""From labelled sentences to profiles: counted, corrected, contrasted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from framing.bootstrap import DRAWS, check_draws
from framing.contrasts import contrast_groups
from framing.correction import load_correction
from framing.counts import Counted, count_labels
from framing.differences import Gathering
from framing.distances import compare_groups
from framing.draws import draw_articles, draw_group, estimate_drawn
from framing.gold import Gold, apply_gold
from framing.groups import BY_OUTLET, Grouping
from framing.paths import default_model
from framing.profiles import Profile, Profiles
from framing.records import LabelledSentence, Provenance
from framing.shrinkage import shrink
from framing.wholeness import check_whole


def build_profiles(
    labelled: Iterable[LabelledSentence],
    *,
    draws: int = DRAWS,
    seed: int = 0,
    provenance: Provenance | None = None,
    model: Path | str | None = None,
    grouping: Grouping = BY_OUTLET,
    gold: Gold | None = None,
) -> Profiles:
    """Counts the labels of each outlet, estimates their prevalence, and contrasts the outlets.

    Reads the sentences once and keeps counts an article only. The result does not depend on their order,
    nor, but for contrasts and shrunk shares, does an outlet's on which others are there.

    Args:
        labelled: Sentences of any number of outlets, labelled by one model.
        draws: Bootstrap draws an interval, at least 100.
        seed: Seed of the draws, 0 or more.
        provenance: How the labels were made; it travels along. Without it nothing is corrected.
        model: Folder of the model that made them; the one that ships if not given.
        grouping: What to profile in place of outlets, as `framing.groups.group_articles` makes it.
        gold: The user's own labels of a sample; where they suffice they take the model's place.

    Returns:
        One profile an outlet or group. Rows for the outlet's own words and for its sources are there as soon
        as one sentence or label tells its voice.

    Raises:
        FramingError: There is no sentence, one comes twice, sentences score different codes, or a setting is
            out of range.
    """
    check_draws(draws, seed)
    codes = provenance.codes if provenance else ()
    labelled = check_whole(labelled)  # but for their number: a part may be what is asked for
    counted = count_labels(gold.watch(labelled) if gold else labelled, codes=codes, group=grouping.group_of)
    return profile_counts(
        counted,
        draws=draws,
        seed=seed,
        provenance=provenance,
        model=model,
        grouping=grouping,
        gold=gold,
    )


def profile_counts(
    counted: Counted,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    provenance: Provenance | None = None,
    model: Path | str | None = None,
    grouping: Grouping = BY_OUTLET,
    gold: Gold | None = None,
) -> Profiles:
    """Estimates the prevalence of each code in each counted group; see `build_profiles`.

    Raises:
        FramingError: A setting is out of range, or the model's development sentences are broken.
    """
    check_draws(draws, seed)
    correction, info = load_correction(provenance, Path(model or default_model()))
    estimates, gathering = [], Gathering(counted, correction) if correction else None
    for group in counted.groups:
        drawn = draw_group(group, counted, correction, draws=draws, seed=seed)
        estimates.append(estimate_drawn(group, counted, correction, drawn))
        if gathering:
            gathering.add(drawn)
    distances, maps = compare_groups(counted, estimates, correction, draws=draws, seed=seed)  # without gold
    if gold is not None:
        for at, group in enumerate(counted.groups):
            weights = draw_articles(group, draws=draws, seed=seed)
            estimates[at] = apply_gold(estimates[at], gold, group, counted, weights)
    # One key in all groups, then one group with all keys again.
    shrunk = zip(*(shrink(of_key) for of_key in zip(*estimates, strict=True)), strict=True)
    profiles = tuple(
        Profile(
            group.group,
            len(group.articles),
            int(group.sentences.sum()),
            dict(zip(counted.keys, found, strict=True)),
            group.sources,
            grouping.values_of(group.group),
        )
        for group, found in zip(counted.groups, shrunk, strict=True)
    )
    contrasts = contrast_groups(counted, grouping, gathering.shares() if gathering else None)
    return Profiles(
        profiles, counted.codes, counted.voices, draws, seed, provenance, info,
        grouping.by, contrasts, distances, maps,
    )  # fmt: skip
