"""Runs the notebooks from top to bottom and stores their pictures: `make notebooks`."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from nbclient import NotebookClient

WIDGET = "application/vnd.jupyter.widget-view+json"


def is_progress(output: Any) -> bool:
    """Whether an output is a progress bar, which is none any more once it is stored."""
    return output.get("name") == "stderr" or WIDGET in output.get("data", {})


for path in sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb")):
    notebook = nbformat.read(path, as_version=4)
    with TemporaryDirectory() as folder:
        NotebookClient(notebook, timeout=600, resources={"metadata": {"path": folder}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran is no news to a reader
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if not is_progress(one)]
    notebook.metadata.pop("widgets", None)
    nbformat.write(notebook, path)
