"""The checks of a codebook that somebody wrote: what is read from it is right, or one line says what is not.

Such a line is a `FramingError`. It names `source`, as a rule the file, then `where` in it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from framing.codes import CloseCall, Code, Device, Technique
from framing.errors import FramingError
from framing.records import VOICES

_CODE = re.compile(r"[a-z][a-z0-9_]*")
_REQUIRED = ("code", "name", "definition")


def complaint(source: str, where: str, found: str, expected: str, fix: str) -> FramingError:
    """Return the one line that says what is wrong, what was expected, and what to do."""
    return FramingError(f"{source}: {where}: found {found}; expected {expected}; {fix}".replace("\n", " "))


def describe(value: object) -> str:
    """Return the kind of a value and how it begins."""
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


def duplicates(values: Iterable[str]) -> list[str]:
    """Return what is there more than once."""
    return [value for value, count in Counter(values).items() if count > 1]


def check_keys(
    data: Mapping[str, Any], source: str, where: str, *, required: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    """Make sure that a table has all keys that are required, and none that is unknown."""
    known = (*required, *optional)
    for key in data:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            fix = f'rename it to "{near[0]}"' if near else "remove it"
            raise complaint(source, where, f'an unknown key "{key}"', f"only {', '.join(known)}", fix)
    for key in required:
        if key not in data:
            raise complaint(source, where, f'no "{key}"', f"the keys {', '.join(required)}", "add it")


def read_text(data: Mapping[str, Any], key: str, source: str, where: str) -> str:
    """Return a text that is not empty, as one paragraph."""
    value = data[key]
    if not isinstance(value, str):
        fix = f'write {key} = "{value}"' if isinstance(value, int | float) else "write it in quotation marks"
        raise complaint(source, f"{where}: {key}", describe(value), "a text", fix)
    return _not_empty(value, source, f"{where}: {key}")


def _optional(data: Mapping[str, Any], key: str, source: str, where: str) -> str:
    return read_text(data, key, source, where) if data.get(key, "") != "" else ""


def read_texts(data: Mapping[str, Any], key: str, source: str, where: str) -> tuple[str, ...]:
    """Return a list of such texts; none where the key is missing."""
    values = data.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise complaint(source, f"{where}: {key}", describe(values), "a list of texts", 'write ["…", "…"]')
    return tuple(
        _not_empty(value, source, f"{where}: {key}, item {number}") for number, value in enumerate(values, 1)
    )


def _not_empty(value: str, source: str, where: str) -> str:
    # A definition may be written over several lines; it is one paragraph.
    text = " ".join(value.split())
    if not text:
        raise complaint(source, where, "nothing", "at least one word", "fill it in")
    return text


def _tables(data: Mapping[str, Any], key: str, source: str) -> list[Mapping[str, Any]]:
    tables = data.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise complaint(source, key, describe(tables), "a list of tables", f"head each one with [[{key}]]")
    return tables


def read_entries(data: Mapping[str, Any], source: str) -> tuple[Code, ...]:
    """Return the techniques and devices, in label order."""
    techniques = _entries(data, source, "techniques", Technique)
    devices = _entries(data, source, "devices", Device)
    _check_unique(techniques, devices, source)
    return _ordered([*techniques, *devices], data, source)


def _entries(
    data: Mapping[str, Any], source: str, key: str, kind: type[Technique] | type[Device]
) -> list[Code]:
    tables = _tables(data, key, source)
    return [_entry(table, source, f"{kind.family} {number}", kind) for number, table in enumerate(tables, 1)]


def _entry(table: Mapping[str, Any], source: str, where: str, kind: type[Technique] | type[Device]) -> Code:
    if isinstance(table.get("code"), str):
        where = f'{where} "{table["code"]}"'
    optional = tuple(item.name for item in fields(kind) if item.name not in _REQUIRED)
    check_keys(table, source, where, required=_REQUIRED, optional=optional)
    required = {key: read_text(table, key, source, where) for key in _REQUIRED}
    _check_code(required["code"], source, where)
    texts = {key: _optional(table, key, source, where) for key in optional if key != "examples"}
    return kind(**required, **texts, examples=read_texts(table, "examples", source, where))


def _check_code(code: str, source: str, where: str) -> None:
    if not _CODE.fullmatch(code):
        better = re.sub(r"[^a-z0-9]+", "_", code.lower()).strip("_0123456789")
        fix = f'write "{better}"' if better else "choose another"
        expected = f"a code of small letters, digits and underscores ({_CODE.pattern})"
        raise complaint(source, f"{where}: code", f'"{code}"', expected, fix)


def _check_unique(techniques: list[Code], devices: list[Code], source: str) -> None:
    if not techniques and not devices:
        fix = "add [[devices]] with code, name and definition"
        raise complaint(source, "top level", "no codes", "at least one technique or device", fix)
    first: dict[str, str] = {}
    for family in (techniques, devices):
        for number, entry in enumerate(family, 1):
            where = f"{entry.family} {number}"
            if entry.code in first:
                found = f'the code "{entry.code}" of {first[entry.code]} again'
                raise complaint(source, where, found, "each code once", "rename or remove one of the two")
            first[entry.code] = where


def _ordered(entries: list[Code], data: Mapping[str, Any], source: str) -> tuple[Code, ...]:
    if "codes" not in data:
        return tuple(entries)
    order = read_texts(data, "codes", source, "top level")
    by_code = {entry.code: entry for entry in entries}
    if sorted(order) != sorted(by_code):
        odd = [*duplicates(order), *sorted(set(order) ^ set(by_code))]
        found = f"a list that does not match the entries at {', '.join(odd)}"
        raise complaint(
            source, "codes", found, "every code of the entries once", "correct the list or remove it"
        )
    return tuple(by_code[code] for code in order)


def read_voices(voices: object, source: str) -> dict[str, str]:
    """Return the definition of each voice that has one."""
    if not isinstance(voices, dict):
        raise complaint(source, "voices", describe(voices), "a table", "head it with [voices]")
    check_keys(voices, source, "voices", required=(), optional=VOICES)
    return {voice: read_text(voices, voice, source, "voices") for voice in VOICES if voice in voices}


def read_close_calls(data: Mapping[str, Any], source: str, known: set[str]) -> tuple[CloseCall, ...]:
    """Return the hard cases; each may name codes that are `known` only."""
    tables = enumerate(_tables(data, "close_calls", source), 1)
    return tuple(_close_call(table, source, f"close call {number}", known) for number, table in tables)


def _close_call(table: Mapping[str, Any], source: str, where: str, known: set[str]) -> CloseCall:
    check_keys(table, source, where, required=("text",), optional=("codes",))
    codes = read_texts(table, "codes", source, where)
    for code in codes:
        if code not in known:
            near = get_close_matches(code, sorted(known), n=1)
            fix = f'did you mean "{near[0]}"?' if near else "add the entry or remove the code here"
            raise complaint(source, f"{where}: codes", f'"{code}"', "codes that have an entry", fix)
    return CloseCall(text=read_text(table, "text", source, where), codes=codes)
