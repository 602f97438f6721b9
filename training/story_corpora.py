"""The corpora of articles that tell the same stories: BASIL and NewsWCL50."""

import json
from pathlib import Path

from framing.errors import FramingError
from framing.records import Article


def read_basil(folder: Path) -> list[Article]:
    """Reads BASIL's articles (Fan et al. 2019, arXiv 1909.02670); the column ``story`` names the triplet.

    Raises:
        FramingError: There are none, or one is not as BASIL writes them.
    """
    paths = sorted((folder / "articles").rglob("*.json"))
    if not paths:
        raise FramingError(f"{folder / 'articles'}: no .json file there, expected BASIL's; check --corpora")
    found = []
    for path in paths:
        try:
            row = json.loads(path.read_text("utf8"))
            text = "\n\n".join(" ".join(paragraph) for paragraph in row["body-paragraphs"])
            columns = {"story": row["triplet-uuid"]}
            found.append(
                Article(row["uuid"], row["source"], text, row["title"], row["date"], columns=columns)
            )
        except (KeyError, TypeError, ValueError) as error:
            raise FramingError(f"{path}: {error!r}, expected an article of BASIL; get it again") from None
    return found


def read_newswcl50(folder: Path) -> list[Article]:
    """Reads NewsWCL50's articles (Hamborg et al. 2019, JCDL); the column ``story`` names the event.

    Raises:
        FramingError: There are none.
    """
    paths = sorted((folder / "1-raw-articles").glob("event_*/*.txt"))
    if not paths:
        raise FramingError(f"{folder / '1-raw-articles'}: no event_*/*.txt there; check --corpora")
    return [
        Article(p.stem, p.stem.partition("_")[2], p.read_text("utf8"), columns={"story": p.parent.name})
        for p in paths
    ]
