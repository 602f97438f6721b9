"""Labels on disk: JSONL with its provenance beside it, or Parquet with it inside."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.errors import FramingError
from framing.records import Attribution, Label, LabelledSentence, Provenance, Span

if TYPE_CHECKING:
    import pyarrow

SUFFIXES = (".jsonl", ".parquet")
METADATA_KEY = b"framing.provenance"
ROWS_A_GROUP = 10_000


def check_output(path: Path, suffixes: tuple[str, ...], *, force: bool = False) -> None:
    """Make sure that a file can be written before work is spent on it.

    Raises:
        FramingError: If the suffix is none of `suffixes`, the file exists and `force` is not given, or the
            folder can't be written to.
    """
    if path.suffix not in suffixes:
        raise FramingError(f"{path}: found the suffix {path.suffix!r}, expected {' or '.join(suffixes)}")
    if path.is_dir():
        raise FramingError(f"{path}: is a folder, expected the name of a file to write")
    if path.exists() and not force:
        raise FramingError(f"{path}: exists already; give another name, or --force to replace it")
    part = part_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.touch()
        part.unlink()
    except OSError as error:
        raise FramingError(f"{path}: can't be written ({error.strerror}); give a place that can") from None


def part_of(path: Path) -> Path:
    """Return the name under which a file is written until it is whole."""
    return path.with_name(path.name + ".part")


def provenance_path(path: Path) -> Path:
    """Return where the provenance of a JSONL labels file lies."""
    return path.with_name(path.name + ".provenance.json")


def write_labels(
    path: Path, articles: Iterable[Iterable[LabelledSentence]], provenance: Callable[[], Provenance]
) -> None:
    """Write labels as they come; the file has its name only once it is whole.

    Args:
        path: A `.jsonl` or `.parquet` file.
        articles: The labelled sentences, article by article.
        provenance: Called once, after the last article.

    Raises:
        FramingError: If writing fails. What was written until then stays in `part_of(path)`.
    """
    try:
        write_lines(path, map(to_line, chain.from_iterable(articles)), provenance)
    except OSError as error:
        raise FramingError(
            f"{path}: writing failed ({error.strerror or error}); what was labelled until then is in "
            f"{part_of(path)}"
        ) from None


def write_lines(path: Path, lines: Iterable[bytes], provenance: Callable[[], Provenance]) -> None:
    """Write labels that are lines already, as `to_line` makes them; else as `write_labels`.

    Raises:
        OSError: If writing fails.
    """
    part = part_of(path)
    if path.suffix == ".parquet":
        _write_parquet(part, map(json.loads, lines), provenance)
    else:
        with part.open("wb") as file:
            file.writelines(lines)
        text = json.dumps(asdict(provenance()), indent=2, ensure_ascii=False) + "\n"
        part_of(provenance_path(path)).write_text(text, "utf8")
        _name_part(provenance_path(path))
    _name_part(path)
    sync(path.parent)


def _name_part(path: Path) -> None:
    """Give a file that is whole its name, once it would outlast a loss of power."""
    part = part_of(path)
    sync(part)
    part.replace(path)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, would outlast a loss of power."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folders
    number = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def read_labels(path: Path) -> Iterator[LabelledSentence]:
    """Read labels from a `.jsonl` or `.parquet` file, one by one.

    Args:
        path: The file, as `write_labels` or `framing label` wrote it.

    Raises:
        FramingError: If the file is missing, empty, or a row is not as `write_labels` writes it.
    """
    if path.suffix not in SUFFIXES:
        raise FramingError(f"{path}: found the suffix {path.suffix!r}, expected labels as .jsonl or .parquet")
    if not path.is_file():
        raise FramingError(f"{path}: no such file, expected labels as framing label writes them")
    rows = _parquet_rows(path) if path.suffix == ".parquet" else _json_rows(path)
    number = 0
    for number, (where, row) in enumerate(rows, 1):  # noqa: B007 - counted for the check below
        try:
            sentence = from_row(row)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            what = f"no field {error}" if isinstance(error, KeyError) else str(error)
            raise FramingError(f"{path}:{where}: {what}; expected a row as framing label writes it") from None
        yield sentence
    if not number:
        raise FramingError(f"{path}: holds no row, expected labels as framing label writes them")


def read_provenance(path: Path) -> Provenance | None:
    """Read how a labels file was made; nothing if it does not say.

    Raises:
        FramingError: If what it says is broken.
    """
    if path.suffix == ".parquet":
        import pyarrow.parquet

        raw = (pyarrow.parquet.read_metadata(path).metadata or {}).get(METADATA_KEY)
    else:
        beside = provenance_path(path)
        raw = beside.read_bytes() if beside.is_file() else None
    if raw is None:
        return None
    try:
        values = json.loads(raw)
        return Provenance(**{**values, "codes": tuple(values["codes"])})
    except (ValueError, TypeError, KeyError) as error:
        raise FramingError(f"{path}: its provenance is broken ({error}); label again") from None


def to_line(sentence: LabelledSentence) -> bytes:
    """Return a labelled sentence as a line of a JSONL file, its end included."""
    return (json.dumps(to_row(sentence), ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def to_row(sentence: LabelledSentence) -> dict[str, Any]:
    """Return a labelled sentence as the JSON object of the file format."""
    return {
        "article_id": sentence.article_id,
        "outlet": sentence.outlet,
        "index": sentence.index,
        "start": sentence.start,
        "end": sentence.end,
        "text": sentence.text,
        "voice": sentence.voice,
        "scores": dict(sentence.scores),
        "labels": [
            {"code": x.code, "score": x.score, "spans": x.spans, "voice": x.voice, "source": x.source}
            for x in sentence.labels
        ],
        "attributions": [
            {"source": x.source, "cue": x.cue, "content": x.content} for x in sentence.attributions
        ],
    }


def from_row(row: Mapping[str, Any]) -> LabelledSentence:
    """Turn a row of the file format into a labelled sentence; the inverse of `to_row`."""
    return LabelledSentence(
        article_id=row["article_id"],
        outlet=row["outlet"],
        index=row["index"],
        start=row["start"],
        end=row["end"],
        text=row["text"],
        voice=row["voice"],
        scores=row["scores"],
        labels=tuple(
            Label(x["code"], x["score"], tuple(_span(s) for s in x["spans"]), x["voice"], x["source"])
            for x in row["labels"]
        ),
        attributions=tuple(
            Attribution(_span(x["content"]), _span_or_none(x["source"]), _span_or_none(x["cue"]))
            for x in row["attributions"]
        ),
    )


def _span(pair: Any) -> Span:
    start, end = pair
    return start, end


def _span_or_none(pair: Any) -> Span | None:
    return None if pair is None else _span(pair)


def _json_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise FramingError(
                    f"{path}:{number}: broken JSON ({error}); expected one JSON object a line; label again"
                ) from None
            if not isinstance(row, dict):
                raise FramingError(f"{path}:{number}: found {type(row).__name__}, expected a JSON object")
            yield number, row


def _parquet_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(path)
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise FramingError(f"{path}: not a Parquet file ({error}); label again") from None
    number = 0
    for batch in file.iter_batches(ROWS_A_GROUP):
        for row in batch.to_pylist():
            number += 1
            yield number, row


def _write_parquet(part: Path, rows: Iterator[dict[str, Any]], provenance: Callable[[], Provenance]) -> None:
    import pyarrow
    import pyarrow.parquet

    first = next(rows, None)
    schema = _schema(tuple(first["scores"]) if first else ())
    rows = chain([first] if first else [], rows)
    with pyarrow.parquet.ParquetWriter(part, schema, compression="zstd") as writer:
        while group := list(islice(rows, ROWS_A_GROUP)):
            writer.write_table(pyarrow.Table.from_pylist(group, schema))
        writer.add_key_value_metadata({METADATA_KEY: json.dumps(asdict(provenance())).encode()})


def _schema(codes: tuple[str, ...]) -> "pyarrow.Schema":
    import pyarrow as pa

    span, text, whole, real = pa.list_(pa.int64()), pa.string(), pa.int64(), pa.float64()
    label = {"code": text, "score": real, "spans": pa.list_(span), "voice": text, "source": text}
    fields = {
        "article_id": text,
        "outlet": text,
        "index": whole,
        "start": whole,
        "end": whole,
        "text": text,
        "voice": text,
        "scores": pa.struct([(code, real) for code in codes]),
        "labels": pa.list_(pa.struct(list(label.items()))),
        "attributions": pa.list_(pa.struct([("source", span), ("cue", span), ("content", span)])),
    }
    return pa.schema(list(fields.items()))
