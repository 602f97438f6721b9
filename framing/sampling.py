"""A sample of labelled sentences for people to read, with the probability that each was drawn."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from framing.errors import FramingError
from framing.records import LabelledSentence

STRATA = ("outlet", "labelled")
Stratum = tuple[str, ...]
Row = dict[str, Any]


def draw_sample(
    read: Callable[[], Iterable[LabelledSentence]], size: int, *, strata: Sequence[str], seed: int
) -> list[Row]:
    """Draws sentences at random within strata, the same number from each as far as it has them.

    Args:
        read: Gives the labelled sentences, anew each time; they are read twice.
        size: How many sentences to draw, 1 or more.
        strata: What divides them: ``outlet``, ``labelled`` (whether the model gives any label), both or none.
            With ``labelled`` half of the sample carries a label, which is more use for rare codes.
        seed: Of the draw, 0 or more.

    Returns:
        Rows with `article_id`, `outlet`, `index`, `text`, `probability` (of being drawn, in (0, 1]) and
        `labels`, which is None: to be filled with a list of codes. What the model says is not shown.

    Raises:
        FramingError: There is no sentence, or a stratum is unknown.
    """
    import numpy as np

    if unknown := set(strata) - set(STRATA):
        raise FramingError(f"cannot stratify by {sorted(unknown)[0]!r}, expected outlet, labelled or both")
    held = Counter(_stratum(sentence, strata) for sentence in read())
    if not held:
        raise FramingError("no labelled sentences: there is nothing to draw from")
    rng = np.random.default_rng(seed)
    shares = allocate(held, size)
    picked = {
        name: set(rng.choice(held[name], shares[name], replace=False).tolist()) for name in sorted(held)
    }
    seen: Counter[Stratum] = Counter()
    rows: list[Row] = []
    for sentence in read():
        name = _stratum(sentence, strata)
        if seen[name] in picked[name]:
            rows.append(
                {
                    "article_id": sentence.article_id,
                    "outlet": sentence.outlet,
                    "index": sentence.index,
                    "text": sentence.text,
                    "probability": shares[name] / held[name],
                    "labels": None,
                }
            )
        seen[name] += 1
    return rows


def allocate(held: Mapping[Stratum, int], size: int) -> dict[Stratum, int]:
    """Divides a sample evenly among strata; what a small one cannot give goes to the others."""
    shares = dict.fromkeys(sorted(held), 0)
    left = min(size, sum(held.values()))
    while left:
        open_ones = [name for name in shares if shares[name] < held[name]]
        each = max(left // len(open_ones), 1)
        for name in open_ones:
            more = min(each, held[name] - shares[name], left)
            shares[name] += more
            left -= more
    return shares


def _stratum(sentence: LabelledSentence, strata: Sequence[str]) -> Stratum:
    parts = {"outlet": sentence.outlet, "labelled": "yes" if sentence.labels else "no"}
    return tuple(parts[name] for name in strata)


def label_studio_paths(path: Path) -> tuple[Path, Path]:
    """Returns where the tasks and the page for Label Studio lie, beside a sample."""
    return path.with_suffix(".labelstudio.json"), path.with_suffix(".labelstudio.xml")


def write_sample(path: Path, rows: Sequence[Row], codes: Mapping[str, str]) -> tuple[Path, Path]:
    """Writes a sample as JSONL, and beside it what Label Studio imports: tasks, and a page to label on.

    Args:
        path: The `.jsonl` file.
        rows: As `draw_sample` gives them.
        codes: The codes to choose from, with their names.

    Returns:
        The tasks (`.labelstudio.json`) and the page (`.labelstudio.xml`).

    Raises:
        FramingError: A file cannot be written.
    """
    from framing.files import write_text

    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    tasks, page = label_studio_paths(path)
    data = [{"data": {name: value for name, value in row.items() if name != "labels"}} for row in rows]
    write_text(tasks, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    choices = "\n".join(
        f"    <Choice value={quoteattr(code)} hint={quoteattr(name)}/>" for code, name in codes.items()
    )
    write_text(
        page,
        '<View>\n  <Text name="text" value="$text"/>\n'
        '  <Choices name="labels" toName="text" choice="multiple" showInline="false">\n'
        f"{choices}\n  </Choices>\n</View>\n",
    )
    return tasks, page
