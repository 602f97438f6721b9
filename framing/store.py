"""Labels on disk: JSONL with its provenance beside it, or Parquet with it inside."""

import json
import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.errors import FramingError
from framing.files import part_of
from framing.records import LabelledSentence, Provenance

if TYPE_CHECKING:
    import pyarrow.parquet

SUFFIXES = (".jsonl", ".parquet")
METADATA_KEY = b"framing.provenance"
ROWS_A_GROUP = 10_000
LABELS = b'"labels"'  # a row without them has no label in `LabelledSentence`: that must be meant
NO_LABELS = "Object missing required field `labels`"


def check_output(
    path: Path, suffixes: tuple[str, ...], *, force: bool = False, inputs: Iterable[Path | str | None] = ()
) -> None:
    """Make sure that a file can be written before work is spent on it.

    Args:
        path: The file.
        suffixes: One of them it must have.
        force: Whether it may replace a file.
        inputs: Files and folders that are read: what is among them is never replaced.

    Raises:
        FramingError: If the suffix is none of `suffixes`, the file is an input, or exists and `force` is not
            given, or the folder can't be written to.
    """
    if path.suffix not in suffixes:
        raise FramingError(f"{path}: found the suffix {path.suffix!r}, expected {' or '.join(suffixes)}")
    if path.is_dir():
        raise FramingError(f"{path}: is a folder, expected the name of a file to write")
    if path.exists() and any(given is not None and is_read(path, Path(given)) for given in inputs):
        raise FramingError(f"{path}: is the input, or in its folder; name another file to write")
    if path.exists() and not force:
        raise FramingError(f"{path}: exists already; give another name, or --force to replace it")
    part = part_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.touch()
        part.unlink()
    except OSError as error:
        raise FramingError(f"{path}: can't be written ({error.strerror}); give a place that can") from None


def is_read(path: Path, given: Path) -> bool:
    """Say whether who reads a file or a folder reads what lies at `path`, if anything does."""
    if not given.is_dir():
        return path.exists() and given.exists() and path.samefile(given)
    from framing.articles import SUFFIXES as ARTICLES

    own, folder = path.resolve(), given.resolve()
    if not own.is_relative_to(folder) or own.suffix.lower() not in ARTICLES:
        return False
    return not any(part.startswith(".") for part in own.relative_to(folder).parts)


def provenance_path(path: Path) -> Path:
    """Return where the provenance of a JSONL labels file lies."""
    return path.with_name(path.name + ".provenance.json")


def write_labels(
    path: Path | str, labels: Iterable[LabelledSentence], provenance: Provenance | None = None
) -> None:
    """Write labels as they come; the file has its name only once it is whole, and replaces one of that name.

    Args:
        path: A `.jsonl` or `.parquet` file.
        labels: Labelled sentences, such as `Model.label` returns.
        provenance: How they were made; that of `labels` if not given.

    Raises:
        FramingError: If it is not known how the labels were made, something else than a labelled sentence is
            among them, or writing fails: what was written until then stays in `part_of(path)`.
    """
    path = Path(path)
    _check_suffix(path)
    made = provenance or getattr(labels, "provenance", None)
    if not isinstance(made, Provenance):
        raise FramingError(
            f"{path}: nothing says how the labels were made; write what Model.label returned, or give its "
            "provenance too"
        )
    try:
        write_lines(path, map(to_line, map(_checked, labels)), lambda: made)
    except OSError as error:
        part = part_of(path)
        kept = f"; what was labelled until then is in {part}" if part.exists() else ""
        raise FramingError(f"{path}: writing failed ({error.strerror or error}){kept}") from None


def _checked(sentence: object) -> LabelledSentence:
    if not isinstance(sentence, LabelledSentence):
        raise FramingError(f"labels: found {type(sentence).__name__}, expected a LabelledSentence")
    return sentence


def _check_labels(path: Path) -> None:
    _check_suffix(path)
    if not path.is_file():
        raise FramingError(f"{path}: no such file, expected labels as framing label writes them")


def _check_suffix(path: Path) -> None:
    if path.suffix not in SUFFIXES:
        raise FramingError(f"{path}: found the suffix {path.suffix!r}, expected labels as .jsonl or .parquet")


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


def read_labels(path: Path | str) -> Iterator[LabelledSentence]:
    """Read labels from a `.jsonl` or `.parquet` file, one by one.

    Args:
        path: The file, as `write_labels` or `framing label` wrote it.

    Raises:
        FramingError: If the file is missing, empty, or a row is not as `write_labels` writes it.
    """
    path = Path(path)
    _check_labels(path)
    rows = _parquet_rows(path) if path.suffix == ".parquet" else _json_rows(path)
    number = 0
    try:
        for number, sentence in enumerate(rows, 1):  # noqa: B007 - counted for the checks below
            yield sentence
    except (ValueError, RecursionError) as error:
        raise FramingError(
            f"{path}:{number + 1}: {error}; expected a row as framing label writes it"
        ) from None
    if not number:
        raise FramingError(f"{path}: holds no row, expected labels as framing label writes them")


def read_provenance(path: Path | str) -> Provenance | None:
    """Read how a labels file was made; nothing if it does not say.

    Raises:
        FramingError: If there is no such file, or what it says is broken.
    """
    path = Path(path)
    _check_labels(path)
    if path.suffix == ".parquet":
        raw = (_open_parquet(path).metadata.metadata or {}).get(METADATA_KEY)
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


def _json_rows(path: Path) -> Iterator[LabelledSentence]:
    import msgspec

    decode = msgspec.json.Decoder(LabelledSentence).decode
    empty = False
    with path.open("rb") as file:
        for number, line in enumerate(file):
            line = line.removeprefix(BOM_UTF8) if not number else line  # noqa: PLW2901
            if not line.strip():
                empty = True
                continue
            if empty:
                raise ValueError("empty line")
            sentence = decode(line)
            if LABELS not in line:
                raise ValueError(NO_LABELS)
            yield sentence


def _parquet_rows(path: Path) -> Iterator[LabelledSentence]:
    import msgspec

    for batch in _open_parquet(path).iter_batches(ROWS_A_GROUP):
        for row in batch.to_pylist():
            if "labels" not in row:
                raise ValueError(NO_LABELS)
            yield msgspec.convert(row, LabelledSentence)


def _open_parquet(path: Path) -> "pyarrow.parquet.ParquetFile":
    import pyarrow
    import pyarrow.parquet

    try:
        return pyarrow.parquet.ParquetFile(path)
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise FramingError(f"{path}: not a Parquet file ({error}); label again") from None


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
