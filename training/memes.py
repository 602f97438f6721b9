"""SemEval-2021 Task 6: the texts of memes, with the spans of 20 persuasion techniques."""

import json
from dataclasses import dataclass
from pathlib import Path

from framing.codebook import load_codebook
from framing.errors import FramingError

FILE = "data/training_set_task2.txt"
OTHER_NAMES = {  # techniques that PTC has under one code, or by a longer name
    "Bandwagon": "bandwagon_reductio_ad_hitlerum",
    "Reductio ad hitlerum": "bandwagon_reductio_ad_hitlerum",
    "Black-and-white Fallacy/Dictatorship": "black_and_white_fallacy",
    "Misrepresentation of Someone's Position (Straw Man)": "whataboutism_straw_men_red_herring",
    "Presenting Irrelevant Data (Red Herring)": "whataboutism_straw_men_red_herring",
    "Thought-terminating cliché": "thought_terminating_cliches",
    "Whataboutism": "whataboutism_straw_men_red_herring",
}
NOT_IN_PTC = ("Glittering generalities (Virtue)", "Obfuscation, Intentional vagueness, Confusion", "Smears")


@dataclass(frozen=True, slots=True)
class Meme:
    """The text of a meme; `spans` are (code, start, end), offsets into it, half open."""

    id: str
    text: str
    spans: tuple[tuple[str, int, int], ...]


def read_memes(folder: Path) -> list[Meme]:
    """Read the training memes; the three techniques that PTC does not know are left out.

    Args:
        folder: Folder that holds `FILE`.

    Raises:
        FramingError: If the file is missing, is not JSON, or names a technique that nobody knows.
    """
    path = folder / FILE
    codes = _codes_by_name()
    try:
        rows = json.loads(path.read_text("utf8"))
        return [
            Meme(
                str(row["id"]),
                row["text"],
                tuple(
                    (codes[mark["technique"]], int(mark["start"]), int(mark["end"]))
                    for mark in row["labels"]
                    if mark["technique"] not in NOT_IN_PTC
                ),
            )
            for row in rows
        ]
    except FileNotFoundError:
        raise FramingError(f"{path}: no such file, expected the memes; check --corpora") from None
    except (ValueError, TypeError, KeyError) as error:
        raise FramingError(
            f"{path}: not memes with known techniques ({error}); get the file again from the corpus"
        ) from None


def _codes_by_name() -> dict[str, str]:
    """Map the corpus's names to codes; most are PTC's with other separators."""
    plain = {t.ptc.replace("_", " ").replace(",", "/").lower(): t.code for t in load_codebook().techniques}
    names = (
        "Appeal to authority",
        "Appeal to fear/prejudice",
        "Causal Oversimplification",
        "Doubt",
        "Exaggeration/Minimisation",
        "Flag-waving",
        "Loaded Language",
        "Name calling/Labeling",
        "Repetition",
        "Slogans",
    )
    return OTHER_NAMES | {name: plain[name.lower().replace("fear/", "fear-")] for name in names}
