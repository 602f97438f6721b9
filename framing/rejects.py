"""What cannot be labelled: a run stops there, or writes down why and goes on."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from framing.errors import FramingError
from framing.records import Place

Reject = Callable[[FramingError, Place | None, str | None], None]
"""Called with what is wrong, where it stands and the article's id, as far as known; may raise the error."""

REJECTS = "rejects.jsonl"


def stop(error: FramingError, place: Place | None = None, article_id: str | None = None) -> None:
    """Turn nothing down: what cannot be labelled ends the run.

    Raises:
        FramingError: Always, the error given.
    """
    raise error


class Rejects:
    """A file with one JSON object for each row, file or article turned down, in the order of the input.

    Fields: `file`, `line` (a row counts from 1 in Parquet), `article_id`, `message`; null where not known.
    The file gets its name when it is whole; with nothing to tell there is none.

    Args:
        path: Where it is to lie.

    Attributes:
        count: How many were turned down.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._part = path.with_name(path.name + ".part")
        self._file = self._part.open("w", encoding="utf8", newline="\n")

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)

    def __call__(self, error: FramingError, place: Place | None, article_id: str | None) -> None:
        """Write down one."""
        self.count += 1
        row = {
            "file": place.file if place else None,
            "line": place.line if place else None,
            "article_id": article_id,
            "message": str(error),
        }
        self._file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def finish(self) -> None:
        """Give the file its name; a file of an earlier run gives way."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if self.count:
            self._part.replace(self.path)
        else:
            self.path.unlink(missing_ok=True)


def rejects_path(output: Path) -> Path:
    """Return where the rejects of a labels file lie."""
    return output.with_name(REJECTS)
