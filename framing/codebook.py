"""The codebook: what is labelled, in which order. Reads ``codebook.toml``, or somebody's own."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar, Literal

from framing.errors import FramingError
from framing.records import VOICES

Family = Literal["technique", "device"]

_CODE = re.compile(r"[a-z][a-z0-9_]*")
_LINE = re.compile(r"^(?P<what>.*) \(at (?P<where>line \d+, column \d+|end of document)\)$", re.DOTALL)
_REQUIRED = ("code", "name", "definition")
_TOP_OPTIONAL = ("codes", "rules", "voices", "close_calls", "techniques", "devices")


@dataclass(frozen=True, slots=True)
class Code:
    """What the two families share.

    Attributes:
        code: The name that files carry, ``[a-z][a-z0-9_]*``.
        name: The name that people read.
        definition: When a sentence carries it.
        not_when: The nearest case in which it does not.
        examples: Sentences that carry it.
        family: ``technique`` or ``device``.
    """

    code: str
    name: str
    definition: str
    not_when: str = ""
    examples: tuple[str, ...] = ()

    family: ClassVar[Family]

    @property
    def heading(self) -> str:
        """What a table may group it under; can be empty."""
        return ""


@dataclass(frozen=True, slots=True)
class Technique(Code):
    """How the wording persuades.

    Attributes:
        ptc: The PTC corpus's own code, e.g. ``Loaded_Language``.
        group: The coarse group, e.g. ``distraction``.
    """

    ptc: str = ""
    group: str = ""

    family: ClassVar[Family] = "technique"

    @property
    def heading(self) -> str:
        """The coarse group."""
        return self.group


@dataclass(frozen=True, slots=True)
class Device(Code):
    """What picture the wording paints of an actor, an action or a claim.

    Attributes:
        kind: By what means, e.g. ``metaphor``.
        function: What the picture does, e.g. ``problem definition``.
    """

    kind: str = ""
    function: str = ""

    family: ClassVar[Family] = "device"

    @property
    def heading(self) -> str:
        """Kind and function."""
        return ", ".join(part for part in (self.kind, self.function) if part)


@dataclass(frozen=True, slots=True)
class CloseCall:
    """A hard case, settled once for all; without codes it concerns every one."""

    text: str
    codes: tuple[str, ...] = ()


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
            raise _error(source, "subset", "no codes", "at least one", "name one")
        for code in _duplicates(wanted):
            raise _error(source, "subset", f'"{code}" twice', "each code once", "remove one of the two")
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
        _check_keys(data, source, "top level", required=("version",), optional=_TOP_OPTIONAL)
        techniques = _entries(data, source, "techniques", Technique)
        devices = _entries(data, source, "devices", Device)
        entries = [*techniques, *devices]
        _check_unique(techniques, devices, source)
        return cls(
            version=_text(data, "version", source, "top level"),
            entries=_ordered(entries, data, source),
            voices=_voices(data.get("voices", {}), source),
            close_calls=_close_calls(data, source, {entry.code for entry in entries}),
            rules=_texts(data, "rules", source, "top level"),
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
        raise _error(source, "top level", _found(data), "an object with named fields", "wrap it in { }")
    return data


def _error(source: str, where: str, found: str, expected: str, fix: str) -> FramingError:
    return FramingError(f"{source}: {where}: found {found}; expected {expected}; {fix}".replace("\n", " "))


def _found(value: object) -> str:
    kinds = {
        bool: "a truth value",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "a table",
    }
    text = re.sub(r"\s+", " ", str(value))
    if len(text) > 40:
        text = text[:39] + "…"
    return f"{kinds.get(type(value), 'a value')} ({text})"


def _duplicates(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def _plain(entry: Code | CloseCall) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(entry).items()}


def _check_keys(
    data: Mapping[str, Any], source: str, where: str, *, required: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    known = (*required, *optional)
    for key in data:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            fix = f'rename it to "{near[0]}"' if near else "remove it"
            raise _error(source, where, f'an unknown key "{key}"', f"only {', '.join(known)}", fix)
    for key in required:
        if key not in data:
            raise _error(source, where, f'no "{key}"', f"the keys {', '.join(required)}", "add it")


def _text(data: Mapping[str, Any], key: str, source: str, where: str) -> str:
    value = data[key]
    if not isinstance(value, str):
        fix = f'write {key} = "{value}"' if isinstance(value, int | float) else "write it in quotation marks"
        raise _error(source, f"{where}: {key}", _found(value), "a text", fix)
    return _not_empty(value, source, f"{where}: {key}")


def _optional_text(data: Mapping[str, Any], key: str, source: str, where: str) -> str:
    return _text(data, key, source, where) if data.get(key, "") != "" else ""


def _texts(data: Mapping[str, Any], key: str, source: str, where: str) -> tuple[str, ...]:
    values = data.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _error(source, f"{where}: {key}", _found(values), "a list of texts", 'write ["…", "…"]')
    return tuple(
        _not_empty(value, source, f"{where}: {key}, item {number}") for number, value in enumerate(values, 1)
    )


def _not_empty(value: str, source: str, where: str) -> str:
    # A definition may be written over several lines; it is one paragraph.
    text = " ".join(value.split())
    if not text:
        raise _error(source, where, "nothing", "at least one word", "fill it in")
    return text


def _tables(data: Mapping[str, Any], key: str, source: str) -> list[Mapping[str, Any]]:
    tables = data.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise _error(source, key, _found(tables), "a list of tables", f"head each one with [[{key}]]")
    return tables


def _entries(
    data: Mapping[str, Any], source: str, key: str, kind: type[Technique] | type[Device]
) -> list[Code]:
    tables = _tables(data, key, source)
    return [_entry(table, source, f"{kind.family} {number}", kind) for number, table in enumerate(tables, 1)]


def _entry(table: Mapping[str, Any], source: str, where: str, kind: type[Technique] | type[Device]) -> Code:
    if isinstance(table.get("code"), str):
        where = f'{where} "{table["code"]}"'
    optional = tuple(item.name for item in fields(kind) if item.name not in _REQUIRED)
    _check_keys(table, source, where, required=_REQUIRED, optional=optional)
    required = {key: _text(table, key, source, where) for key in _REQUIRED}
    _check_code(required["code"], source, where)
    texts = {key: _optional_text(table, key, source, where) for key in optional if key != "examples"}
    return kind(**required, **texts, examples=_texts(table, "examples", source, where))


def _check_code(code: str, source: str, where: str) -> None:
    if not _CODE.fullmatch(code):
        better = re.sub(r"[^a-z0-9]+", "_", code.lower()).strip("_0123456789")
        fix = f'write "{better}"' if better else "choose another"
        expected = f"a code of small letters, digits and underscores ({_CODE.pattern})"
        raise _error(source, f"{where}: code", f'"{code}"', expected, fix)


def _check_unique(techniques: list[Code], devices: list[Code], source: str) -> None:
    if not techniques and not devices:
        fix = "add [[devices]] with code, name and definition"
        raise _error(source, "top level", "no codes", "at least one technique or device", fix)
    first: dict[str, str] = {}
    for family in (techniques, devices):
        for number, entry in enumerate(family, 1):
            where = f"{entry.family} {number}"
            if entry.code in first:
                found = f'the code "{entry.code}" of {first[entry.code]} again'
                raise _error(source, where, found, "each code once", "rename or remove one of the two")
            first[entry.code] = where


def _ordered(entries: list[Code], data: Mapping[str, Any], source: str) -> tuple[Code, ...]:
    if "codes" not in data:
        return tuple(entries)
    order = _texts(data, "codes", source, "top level")
    by_code = {entry.code: entry for entry in entries}
    if sorted(order) != sorted(by_code):
        odd = [*_duplicates(order), *sorted(set(order) ^ set(by_code))]
        found = f"a list that does not match the entries at {', '.join(odd)}"
        raise _error(
            source, "codes", found, "every code of the entries once", "correct the list or remove it"
        )
    return tuple(by_code[code] for code in order)


def _voices(voices: object, source: str) -> dict[str, str]:
    if not isinstance(voices, dict):
        raise _error(source, "voices", _found(voices), "a table", "head it with [voices]")
    _check_keys(voices, source, "voices", required=(), optional=VOICES)
    return {voice: _text(voices, voice, source, "voices") for voice in VOICES if voice in voices}


def _close_calls(data: Mapping[str, Any], source: str, known: set[str]) -> tuple[CloseCall, ...]:
    tables = enumerate(_tables(data, "close_calls", source), 1)
    return tuple(_close_call(table, source, f"close call {number}", known) for number, table in tables)


def _close_call(table: Mapping[str, Any], source: str, where: str, known: set[str]) -> CloseCall:
    _check_keys(table, source, where, required=("text",), optional=("codes",))
    codes = _texts(table, "codes", source, where)
    for code in codes:
        if code not in known:
            near = get_close_matches(code, sorted(known), n=1)
            fix = f'did you mean "{near[0]}"?' if near else "add the entry or remove the code here"
            raise _error(source, f"{where}: codes", f'"{code}"', "codes that have an entry", fix)
    return CloseCall(text=_text(table, "text", source, where), codes=codes)
