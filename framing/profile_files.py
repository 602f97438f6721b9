"""Profiles to a JSON file, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from framing.contrasts import Contrast
from framing.correction import CorrectionInfo
from framing.counts import SourceCount
from framing.distances import Distance, Map, Place
from framing.errors import FramingError
from framing.files import write_text
from framing.prevalence import Prevalence
from framing.profiles import Profile, Profiles
from framing.records import Provenance
from framing.within_stories import FORMAT as WITHIN_STORIES

FORMAT = "framing profiles 3"


def write_profiles(profiles: Profiles, path: Path | str) -> None:
    """Writes everything to a JSON file that `read_profiles` reads; a file already there is replaced.

    Raises:
        FramingError: The file cannot be written.
    """
    content = {
        "format": FORMAT,
        "draws": profiles.draws,
        "seed": profiles.seed,
        "codes": profiles.codes,
        "voices": profiles.voices,
        "provenance": asdict(profiles.provenance) if profiles.provenance else None,
        "correction": asdict(profiles.correction),
        "outlets": [
            {
                "outlet": profile.outlet,
                "articles": profile.articles,
                "sentences": profile.sentences,
                "estimates": [
                    {"code": code, "voice": voice, **_fields(prevalence)}
                    for (code, voice), prevalence in profile.estimates.items()
                ],
                "sources": [asdict(count) for count in profile.sources],
                "values": profile.values,
            }
            for profile in profiles.profiles
        ],
        "by": profiles.by,
        "contrasts": [_fields(one) for one in profiles.contrasts],
        "distances": [asdict(one) for one in profiles.distances],
        "maps": [asdict(one) for one in profiles.maps],
    }
    write_text(path, json.dumps(content, ensure_ascii=False) + "\n")


def read_profiles(path: Path | str) -> Profiles:
    """Reads what `write_profiles` wrote.

    Raises:
        FramingError: The file cannot be read, is not JSON, or does not hold profiles.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise FramingError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise FramingError(f"{path}: is not JSON ({error}); make it by `framing profile`") from error
    found = content.get("format") if isinstance(content, dict) else None
    if found == WITHIN_STORIES:
        raise FramingError(
            f"{path}: holds a comparison within stories, which has no report; make profiles by `framing "
            "profile` without --within-story"
        )
    if found != FORMAT:
        raise FramingError(f"{path}: format is {found!r}, expected {FORMAT!r}; make it by `framing profile`")
    try:
        return _from_json(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FramingError(
            f"{path}: the profiles in it are damaged ({type(error).__name__}: {error}); make them again"
        ) from error


def _fields(one: Any) -> dict[str, Any]:
    """The fields of a flat dataclass; `asdict` copies them one by one, ten times slower."""
    return {name: getattr(one, name) for name in one.__slots__}


def _from_json(content: Mapping[str, Any]) -> Profiles:
    made = content["provenance"]
    profiles = []
    for outlet in content["outlets"]:
        estimates = {}
        for row in outlet["estimates"]:
            fields = dict(row)
            key = fields.pop("code"), fields.pop("voice")
            estimates[key] = Prevalence(**fields)
        sources = tuple(SourceCount(**row) for row in outlet["sources"])
        counts = outlet["outlet"], outlet["articles"], outlet["sentences"]
        profiles.append(Profile(*counts, estimates, sources, tuple(outlet["values"])))
    codes, voices = tuple(content["codes"]), tuple(content["voices"])
    missing = [p.outlet for p in profiles if list(p.estimates) != [(c, v) for c in codes for v in voices]]
    if missing or not profiles:
        raise ValueError(f"estimates of {missing[0]!r} are not codes × voices" if missing else "no outlets")
    provenance = Provenance(**{**made, "codes": tuple(made["codes"])}) if made else None
    correction = CorrectionInfo(**content["correction"])
    contrasts = tuple(Contrast(**row) for row in content["contrasts"])
    distances = tuple(Distance(**row) for row in content["distances"])
    maps = tuple(
        Map(**{**one, "places": tuple(Place(**place) for place in one["places"])}) for one in content["maps"]
    )
    return Profiles(
        tuple(profiles), codes, voices, content["draws"], content["seed"], provenance, correction,
        tuple(content["by"]), contrasts, distances, maps,
    )  # fmt: skip
