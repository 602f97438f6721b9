"""Articles that can't be labelled: the command stops at the first, or notes each and goes on."""

import json
from pathlib import Path
from typing import Literal

from framing.errors import FramingError

OnError = Literal["stop", "skip"]
SKIPPED = 3  # exit code where something was left out


class Rejects:
    """The articles left out so far, and why; several passes over the same input count them once."""

    def __init__(self, on_error: OnError) -> None:
        self._on_error = on_error
        self._found: dict[str, str | None] = {}

    def __len__(self) -> int:
        return len(self._found)

    def __call__(self, error: FramingError, article_id: str | None = None) -> None:
        """Note the error of an article that can't be read, or raise it."""
        if self._on_error == "stop":
            raise error
        self._found[str(error)] = article_id

    def first(self) -> str:
        """Return why the first was left out."""
        return next(iter(self._found))

    def unlabelled(self) -> frozenset[str]:
        """Return the ids of the articles that can be read and yet not labelled."""
        return frozenset(filter(None, self._found.values()))

    def write(self, path: Path) -> None:
        """Write a line for each; where there is none, there is no file either."""
        path.unlink(missing_ok=True)
        lines = [
            json.dumps({"article_id": article_id, "reason": reason}, ensure_ascii=False) + "\n"
            for reason, article_id in self._found.items()
        ]
        if lines:
            path.write_text("".join(lines), "utf8")


def rejects_path(output: Path) -> Path:
    """Return where the reasons for what is left out of a labels file lie."""
    return output.with_name(output.name + ".rejects.jsonl")
