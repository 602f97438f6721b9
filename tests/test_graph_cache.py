import shutil
import threading
from pathlib import Path

import pytest

from framing.errors import FramingError
from framing.graph_cache import ENCODER_GRAPH, HEAD, KEPT, cached, graph_folder, graph_key
from framing.onnx_engine import OnnxEngine
from framing.settings import read_settings


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FRAMING_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_graphs_are_made_once(tiny_model: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = read_settings(tiny_model)
    folder = graph_folder(tiny_model, settings)
    said = capsys.readouterr().err
    assert str(folder) in said
    before = (folder / ENCODER_GRAPH).stat().st_mtime_ns
    assert graph_folder(tiny_model, settings) == folder
    assert capsys.readouterr().err == ""
    assert (folder / ENCODER_GRAPH).stat().st_mtime_ns == before
    assert [path.name for path in cache.iterdir()] == [folder.name]


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_another_model_has_another_key(tiny_model: Path, tmp_path: Path, name: str) -> None:
    other = tmp_path / "other"
    shutil.copytree(tiny_model, other)
    assert graph_key(other) == graph_key(tiny_model)
    (other / name).write_bytes((other / name).read_bytes() + b" ")
    assert graph_key(other) != graph_key(tiny_model)


def test_two_at_once_end_with_one_whole_folder(cache: Path) -> None:
    together = threading.Barrier(2, timeout=20)
    found = []

    def write(part: Path) -> None:
        together.wait()  # both have begun
        (part / HEAD).write_text("whole", "utf8")

    threads = [
        threading.Thread(target=lambda: found.append(cached("key", write, "working"))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [cache / "key"] * 2
    assert (cache / "key" / HEAD).read_text("utf8") == "whole"
    assert [path.name for path in cache.iterdir()] == ["key"]


def test_what_ends_halfway_leaves_nothing(cache: Path) -> None:
    def write(part: Path) -> None:
        (part / ENCODER_GRAPH).write_text("half", "utf8")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cached("key", write, "working")
    assert list(cache.iterdir()) == []


def test_the_oldest_go(cache: Path) -> None:
    for number in range(KEPT + 2):
        cached(f"key{number}", lambda part: (part / HEAD).write_text("{}", "utf8") and None, "working")
    assert len(list(cache.iterdir())) == KEPT
    assert (cache / f"key{KEPT + 1}").is_dir()


def test_a_cache_that_cannot_be_written_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FRAMING_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(FramingError, match="FRAMING_CACHE, or take --engine torch"):
        cached("key", lambda part: None, "working")


def test_a_broken_graph_says_what_to_remove(tiny_model: Path, cache: Path) -> None:
    folder = graph_folder(tiny_model, read_settings(tiny_model))
    (folder / ENCODER_GRAPH).write_bytes(b"broken")
    with pytest.raises(FramingError, match=rf"{folder}: broken .* remove it"):
        OnnxEngine(folder)
