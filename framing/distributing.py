"""Labelling on many machines: Ray Data reads the files, actors with a model each label their articles.

The labels come back in the order of the input, so the output has the bytes of a run of one process: what a
sentence is labelled depends on nothing beside it. The driver holds no more than what is on its way.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from framing.articles import read_articles
from framing.errors import FramingError
from framing.labelling import CHUNK, Model
from framing.labels import Tally
from framing.model_folder import load_model
from framing.records import Article, Provenance
from framing.resuming import Labelled, keep_labels
from framing.store import to_line

SUFFIXES = (".jsonl", ".parquet")
WHERE = ("machine", "device")  # of a provenance: what may differ between workers
Row = dict[str, Any]


class Part(NamedTuple):
    """A file, and how many of its articles are labelled already."""

    file: str
    done: int


class Labeller:
    """An actor: a model, and what labels a batch of articles with it.

    Args:
        settings: Of `framing.model_folder.load_model`.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._model = load_model(**settings)
        self._made = _describe(self._model)

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


class Cluster:
    """The workers of a Ray cluster: that of `RAY_ADDRESS`, or this machine as one.

    Args:
        reading: Settings of `framing.articles.read_articles`.
        settings: Settings of `framing.model_folder.load_model`, with `threads`.
        workers: How many, 1 or more; as many as the cluster has cores for, if not given.

    Raises:
        FramingError: If Ray is not installed.
    """

    def __init__(self, reading: Mapping[str, Any], settings: Mapping[str, Any], workers: int | None) -> None:
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
        gpus = {"num_gpus": 1} if str(settings.get("device", "")).startswith("cuda") else {}
        self._ray, self._reading, self._settings = ray, dict(reading), dict(settings)
        self._workers = workers or max(1, int(ray.cluster_resources().get("CPU", 1)) // threads)
        self._needs: dict[str, Any] = {"num_cpus": threads * 0.9, **gpus}  # the rest is for those that read

    def made(self) -> str:
        """Ask a worker how it makes labels: a provenance as JSON."""
        with self._plain_errors():
            return str(self._ray.get(self._ray.remote(**self._needs)(_made).remote(self._settings)))

    def label(self, parts: Sequence[Part]) -> Iterator[Row]:
        """Yield every article with its lines, in the order of the files."""
        reading = self._reading

        def read(row: Row) -> list[Row]:
            articles = islice(read_articles([row["file"]], **reading), row["done"], None)
            return [{"article": json.dumps(asdict(one))} for one in articles]

        labelled = (
            self._ray.data.from_items([part._asdict() for part in parts], override_num_blocks=len(parts))
            .flat_map(read, num_cpus=0.1)
            .map_batches(
                Labeller,
                fn_constructor_args=(self._settings,),
                batch_size=CHUNK,
                concurrency=self._workers,
                **self._needs,
            )
        )
        with self._plain_errors():
            yield from labelled.iter_rows()

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except self._ray.exceptions.RayError as error:
            raise _one_line(error) from None


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

    A run that was cut off goes on as `framing.resuming.label_into` does.

    Args:
        output: A `.jsonl` or `.parquet` file; it has its name only once it is whole.
        inputs: Such files, or folders of them, that every worker can read under the same name.
        reading: Settings of `framing.articles.read_articles`.
        settings: Settings of `framing.model_folder.load_model`; a worker has one thread if none are given.
        workers: How many, 1 or more; as many as the cluster has cores for, if not given.
        advance: Called with the number of sentences of each article that is done.

    Raises:
        FramingError: If Ray is not installed, the inputs are of another kind, an article can't be labelled,
            or the workers' models, versions or settings differ, or they or the inputs are not those of the
            run that was cut off.
    """
    files = [str(file.resolve()) for name in inputs for file in _files(Path(name))]
    cluster = Cluster(reading, {**settings, "threads": settings.get("threads") or 1}, workers)
    ids, made = set[str](), {text: _provenance(text) for text in (cluster.made(),)}
    place = Part(files[0], 0)

    def check(article: Article) -> Article:
        if article.id in ids:
            raise FramingError(f"id {article.id!r} is used twice in the input; make the ids unique")
        ids.add(article.id)
        return article

    def read() -> Iterator[Article]:
        nonlocal place
        for file in files:
            for done, article in enumerate(read_articles([file], **reading), 1):
                place = Part(file, done)
                yield check(article)

    def label(_: Iterator[Article]) -> Iterator[Labelled]:
        left = files[files.index(place.file) + 1 :]
        for row in cluster.label([place, *(Part(file, 0) for file in left)]):
            if row["made"] not in made:
                made[row["made"]] = _provenance(row["made"])
            yield Labelled(check(Article(**json.loads(row["article"]))), row["sentences"], row["lines"])

    def provenance(tally: Tally) -> Provenance:
        return _join(list(made.values()), tally)

    first = asdict(next(iter(made.values())))
    alike = {name: value for name, value in first.items() if name not in WHERE}
    return keep_labels(output, alike, read(), label, provenance, advance)


def _files(path: Path) -> list[Path]:
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    files = [file for file in found if file.suffix.lower() in SUFFIXES and file.is_file()]
    if not files:
        raise FramingError(f"{path}: no {' or '.join(SUFFIXES)} file there, as --engine ray expects")
    return files


def _one_line(error: BaseException) -> FramingError:
    """Find the error that a worker raised; Ray hands on its text with the trace."""
    said = re.findall(rf"^(?:\w+\.)*{FramingError.__name__}: (.+)$", str(error), re.MULTILINE)
    return FramingError(said[-1] if said else f"a worker failed: {str(error).strip().splitlines()[0]}")


def _made(settings: Mapping[str, Any]) -> str:
    return _describe(load_model(**settings))


def _describe(model: Model) -> str:
    return json.dumps(asdict(model.provenance(Tally())))


def _provenance(text: str) -> Provenance:
    raw = json.loads(text)
    return Provenance(**{**raw, "codes": tuple(raw["codes"])})


def _join(made: Sequence[Provenance], tally: Tally) -> Provenance:
    """Make one provenance of the workers'."""
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
