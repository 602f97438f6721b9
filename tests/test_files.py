from pathlib import Path

import pytest

from framing.errors import FramingError
from framing.files import write_json, write_table, write_text


def test_a_file_that_could_not_be_written_whole_is_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    paths = [tmp_path / name for name in ("a.html", "b.json", "c.csv")]
    for path in paths:
        path.write_text("before", "utf8")
    monkeypatch.setattr(Path, "write_bytes", fill)
    with pytest.raises(FramingError, match=r"a\.html: cannot be written \(No space left on device\)"):
        write_text(paths[0], "a report")
    with pytest.raises(FramingError, match=r"b\.json: cannot"):
        write_json(paths[1], {"figures": []})
    with pytest.raises(FramingError, match=r"c\.csv: cannot"):
        write_table(paths[2], ("a",), [{"a": 1}])
    assert sorted(tmp_path.iterdir()) == paths
    assert {path.read_text("utf8") for path in paths} == {"before"}
