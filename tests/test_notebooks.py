from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert not [output for output in outputs(notebook) if output.output_type == "error"]
    if any("write_report" in cell.source for cell in notebook.cells):
        assert (tmp_path / "report.html").is_file()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_with_its_pictures_and_no_path_of_a_machine(path: Path) -> None:
    stored = outputs(nbformat.read(path, as_version=4))
    assert [output for output in stored if "image/png" in output.get("data", {})], "run make notebooks"
    assert not [
        output for output in stored if output.output_type == "error" or output.get("name") == "stderr"
    ]
    assert str(Path.home()) not in path.read_text("utf8")
    assert path.stat().st_size < 1_000_000


def test_there_are_three_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["first_look", "how_far_to_trust", "one_story"]
