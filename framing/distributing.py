"""Labelling on many machines: Ray Data reads the files, actors with a model each label their articles.

The labels come back in the order of the input, so the output has the bytes of a run of one process: what a
sentence is labelled depends on nothing beside it. The driver holds no more than what is on its way.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from framing.articles import read_articles
from framing.errors import FramingError
from framing.labelling import CHUNK, Tally, load_model
from framing.records import Article, Provenance
from framing.store import to_line, write_lines

SUFFIXES = (".jsonl", ".parquet")
WHERE = ("machine", "device")  # of a provenance: what may differ between workers
Row = dict[str, Any]


class Labeller:
    """An actor: a model, and what labels a batch of articles with it.

    Args:
        settings: Of `framing.labelling.load_model`.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._model = load_model(**settings)
        self._made = json.dumps(asdict(self._model.provenance(Tally())))

    def __call__(self, batch: Mapping[str, Sequence[str]]) -> dict[str, list[Any]]:
        """Label articles that are JSON; give each with its lines, how many, and how they were made."""
        articles = [Article(**json.loads(one)) for one in batch["article"]]
        labelled = list(self._model.label_each(articles))
        return {
            "article": list(batch["article"]),
            "lines": [b"".join(map(to_line, rows)) for rows in labelled],
            "sentences": [len(rows) for rows in labelled],
            "made": [self._made] * len(articles),
        }


def label_with_ray(
    output: Path,
    inputs: Sequence[str | Path],
    reading: Mapping[str, Any],
    settings: Mapping[str, Any],
    *,
    workers: int | None = None,
    advance: Callable[[int], None] = lambda sentences: None,
) -> Tally:
    """Label the articles of JSONL and Parquet files on the workers of a Ray cluster.

    The cluster is that of `RAY_ADDRESS`; if there is none, this machine is one.

    Args:
        output: A `.jsonl` or `.parquet` file; it has its name only once it is whole.
        inputs: Such files, or folders of them, that every worker can read under the same name.
        reading: Settings of `framing.articles.read_articles`.
        settings: Settings of `framing.labelling.load_model`; a worker has one thread if none are given.
        workers: How many, 1 or more; as many as the cluster has cores for, if not given.
        advance: Called with the number of sentences of each article that is done.

    Raises:
        FramingError: If Ray is not installed, the inputs are of another kind, an article can't be labelled,
            or the workers' models, versions or settings differ.
    """
    files = [str(file.resolve()) for name in inputs for file in _files(Path(name))]
    settings = {**settings, "threads": settings.get("threads") or 1}
    tally, ids, made = Tally(), set[str](), dict[str, Provenance]()

    def lines() -> Iterator[bytes]:
        for row in _labelled(files, reading, settings, workers):
            article = Article(**json.loads(row["article"]))
            if article.id in ids:
                raise FramingError(f"id {article.id!r} is used twice in the input; make the ids unique")
            ids.add(article.id)
            if row["made"] not in made:
                made[row["made"]] = _provenance(row["made"])
            tally.add(article, row["sentences"])
            advance(row["sentences"])
            yield from row["lines"].splitlines(keepends=True)

    try:
        write_lines(output, lines(), lambda: _join(list(made.values()), tally))
    except OSError as error:
        raise FramingError(f"{output}: writing failed ({error.strerror or error})") from None
    return tally


def _files(path: Path) -> list[Path]:
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    files = [file for file in found if file.suffix.lower() in SUFFIXES and file.is_file()]
    if not files:
        raise FramingError(f"{path}: no {' or '.join(SUFFIXES)} file there, as --engine ray expects")
    return files


def _labelled(
    files: Sequence[str], reading: Mapping[str, Any], settings: Mapping[str, Any], workers: int | None
) -> Iterator[Row]:
    """Yield every article with its lines, in the order of the files."""
    try:
        import ray
        import ray.data
    except ImportError:
        raise FramingError("--engine ray needs Ray; pip install 'framing[ray]'") from None
    if not ray.is_initialized():
        ray.init(log_to_driver=False, logging_level=logging.ERROR)
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # its errors come as exceptions too
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    threads = int(settings["threads"])
    count = workers or max(1, int(ray.cluster_resources().get("CPU", 1)) // threads)
    gpus = {"num_gpus": 1} if str(settings.get("device", "")).startswith("cuda") else {}

    def read(row: Row) -> list[Row]:
        return [{"article": json.dumps(asdict(one))} for one in read_articles([row["item"]], **reading)]

    labelled = (
        ray.data.from_items(list(files), override_num_blocks=len(files))
        .flat_map(read, num_cpus=0.1)
        .map_batches(
            Labeller,
            fn_constructor_args=(dict(settings),),
            batch_size=CHUNK,
            concurrency=count,
            num_cpus=threads * 0.9,  # the rest is for those that read
            **gpus,
        )
    )
    try:
        yield from labelled.iter_rows()
    except ray.exceptions.RayError as error:
        raise _one_line(error) from None


def _one_line(error: BaseException) -> FramingError:
    """Find the error that a worker raised; Ray hands on its text with the trace."""
    said = re.findall(rf"^(?:\w+\.)*{FramingError.__name__}: (.+)$", str(error), re.MULTILINE)
    return FramingError(said[-1] if said else f"a worker failed: {str(error).strip().splitlines()[0]}")


def _provenance(text: str) -> Provenance:
    raw = json.loads(text)
    return Provenance(**{**raw, "codes": tuple(raw["codes"])})


def _join(made: Sequence[Provenance], tally: Tally) -> Provenance:
    """Make one provenance of the workers'."""
    if not made:
        raise FramingError("no article in the input, expected at least one")
    first = made[0]
    for other in made[1:]:
        names = [n for n, x in asdict(first).items() if n not in WHERE and asdict(other)[n] != x]
        if names:
            raise FramingError(f"the workers differ in {', '.join(names)}; make them alike, and label again")
    machine, device = ("; ".join(sorted({getattr(one, name) for one in made})) for name in WHERE)
    return replace(
        first,
        machine=machine,
        device=device,
        articles=tally.articles,
        sentences=tally.sentences,
        input_sha256=tally.sha256,
    )
