"""The codebook: what is labelled, in which order. Reads ``codebook.toml``, or somebody's own."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any

from framing.codebook_checks import (
    check_keys,
    complaint,
    describe,
    duplicates,
    read_close_calls,
    read_entries,
    read_text,
    read_texts,
    read_voices,
)
from framing.codes import CloseCall, Code, Device, Technique
from framing.errors import FramingError

OPTIONAL = ("codes", "rules", "voices", "close_calls", "techniques", "devices")
_LINE = re.compile(r"^(?P<what>.*) \(at (?P<where>line \d+, column \d+|end of document)\)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Codebook:
    """A set of codes with the rules for giving them. Looks up like a mapping from code to entry.

    Attributes:
        version: As text; travels into every labels file.
        entries: Techniques and devices in label order.
        voices: Definition of each voice that the codebook defines.
        close_calls: Hard cases, settled.
        rules: How to decide, in order.
    """

    version: str
    entries: tuple[Code, ...]
    voices: Mapping[str, str] = field(default_factory=dict)
    close_calls: tuple[CloseCall, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, in label order."""
        return tuple(entry.code for entry in self.entries)

    @property
    def techniques(self) -> tuple[Technique, ...]:
        """The techniques, in label order."""
        return tuple(entry for entry in self.entries if isinstance(entry, Technique))

    @property
    def devices(self) -> tuple[Device, ...]:
        """The framing devices, in label order."""
        return tuple(entry for entry in self.entries if isinstance(entry, Device))

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes)

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def __getitem__(self, code: str) -> Code:
        for entry in self.entries:
            if entry.code == code:
                return entry
        raise FramingError(
            f'codebook {self.version}: found no code "{code}", expected one of its {len(self)} codes; '
            + self._advice(code)
        )

    def subset(self, codes: Iterable[str]) -> "Codebook":
        """The codebook of only these codes, in the order given.

        Args:
            codes: Codes of this codebook, each once.

        Returns:
            A codebook with the same version, voices and rules, and the close calls that still apply.

        Raises:
            FramingError: A code is unknown or given twice, or there is none.
        """
        wanted = tuple(codes)
        source = f"codebook {self.version}"
        if not wanted:
            raise complaint(source, "subset", "no codes", "at least one", "name one")
        for code in duplicates(wanted):
            raise complaint(source, "subset", f'"{code}" twice', "each code once", "remove one of the two")
        return Codebook(
            version=self.version,
            entries=tuple(self[code] for code in wanted),
            voices=self.voices,
            close_calls=tuple(call for call in self.close_calls if set(call.codes) <= set(wanted)),
            rules=self.rules,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, dictionaries and strings; `from_dict` reads it back."""
        return {
            "version": self.version,
            "codes": list(self.codes),
            "rules": list(self.rules),
            "voices": dict(self.voices),
            "close_calls": [_plain(call) for call in self.close_calls],
            "techniques": [_plain(technique) for technique in self.techniques],
            "devices": [_plain(device) for device in self.devices],
        }

    def to_json(self) -> str:
        """`to_dict` as indented JSON with a final newline; the same codebook gives the same text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], source: str = "codebook") -> "Codebook":
        """Checks and builds a codebook.

        Args:
            data: As `to_dict` gives it, or as a TOML file holds it: ``version`` and at least one entry in
                ``techniques`` or ``devices``; everything else is optional. ``codes`` sets the label order,
                which is otherwise that of the techniques, then the devices.
            source: What errors name as the place, as a rule the file.

        Raises:
            FramingError: Anything is unknown, missing, of the wrong type, empty or given twice.
        """
        check_keys(data, source, "top level", required=("version",), optional=OPTIONAL)
        entries = read_entries(data, source)
        return cls(
            version=read_text(data, "version", source, "top level"),
            entries=entries,
            voices=read_voices(data.get("voices", {}), source),
            close_calls=read_close_calls(data, source, {entry.code for entry in entries}),
            rules=read_texts(data, "rules", source, "top level"),
        )

    def _advice(self, code: str) -> str:
        written = re.sub(r"[\s-]+", "_", code.strip().lower())
        near = get_close_matches(written, self.codes, n=3, cutoff=0.6)
        # Half a name is a common slip, and too short for a close match.
        near += [other for other in self.codes if len(written) > 2 and written in other and other not in near]
        if near:
            return f"did you mean {' or '.join(near[:3])}?"
        return f"choose from {', '.join(self.codes)}"


def load_codebook(path: Path | str | None = None) -> Codebook:
    """Reads a codebook from a TOML file, or from JSON where the file's name ends in ``.json``.

    Args:
        path: The file; without it, the codebook that ships with the package.

    Raises:
        FramingError: The file is missing, is no TOML or JSON, or its content is no valid codebook.
    """
    if path is None:
        shipped = resources.files("framing").joinpath("codebook.toml")
        return _parse(shipped.read_text(encoding="utf-8"), "codebook.toml")
    return _parse(_read(Path(path)), str(path))


def _read(path: Path) -> str:
    try:
        # Editors on Windows put a byte order mark first, which TOML does not know.
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FramingError(
            f"{path}: found no readable file ({error.strerror}); expected a codebook in TOML or JSON; "
            "check the path"
        ) from error
    except UnicodeDecodeError as error:
        raise FramingError(
            f"{path}: found a byte at position {error.start} that is not UTF-8; expected UTF-8 text; "
            "save the file as UTF-8"
        ) from error


def _parse(text: str, source: str) -> Codebook:
    data = _parse_json(text, source) if source.lower().endswith(".json") else _parse_toml(text, source)
    return Codebook.from_dict(data, source)


def _parse_toml(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _LINE.match(str(error))
        what, where = (match["what"], match["where"]) if match else (str(error), "unknown line")
        if where == "end of document":
            where = f"line {len(text.splitlines()) or 1} (end of file)"
        raise FramingError(
            f"{source}: {where}: found a syntax error ({what}); expected valid TOML; correct that line"
        ) from error


def _parse_json(text: str, source: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise FramingError(
            f"{source}: line {error.lineno}, column {error.colno}: found a syntax error ({error.msg}); "
            "expected valid JSON; correct that line"
        ) from error
    if not isinstance(data, dict):
        raise complaint(source, "top level", describe(data), "an object with named fields", "wrap it in { }")
    return data


def _plain(entry: Code | CloseCall) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(entry).items()}
