"""SemEval-2021 Task 6: the texts of memes, with the spans of 20 persuasion techniques."""

import json
from dataclasses import dataclass
from pathlib import Path

from framing.errors import FramingError

FILE = "data/training_set_task2.txt"
CODES_BY_NAME = {
    "Appeal to authority": "appeal_to_authority",
    "Appeal to fear/prejudice": "appeal_to_fear_prejudice",
    "Bandwagon": "bandwagon_reductio_ad_hitlerum",
    "Black-and-white Fallacy/Dictatorship": "black_and_white_fallacy",
    "Causal Oversimplification": "causal_oversimplification",
    "Doubt": "doubt",
    "Exaggeration/Minimisation": "exaggeration_minimisation",
    "Flag-waving": "flag_waving",
    "Loaded Language": "loaded_language",
    "Misrepresentation of Someone's Position (Straw Man)": "whataboutism_straw_men_red_herring",
    "Name calling/Labeling": "name_calling_labeling",
    "Presenting Irrelevant Data (Red Herring)": "whataboutism_straw_men_red_herring",
    "Reductio ad hitlerum": "bandwagon_reductio_ad_hitlerum",
    "Repetition": "repetition",
    "Slogans": "slogans",
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
    try:
        rows = json.loads(path.read_text("utf8"))
        return [
            Meme(
                str(row["id"]),
                row["text"],
                tuple(
                    (CODES_BY_NAME[mark["technique"]], int(mark["start"]), int(mark["end"]))
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
