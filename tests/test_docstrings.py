"""Public names say what they take, give and raise."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest

import framing

UNITS = re.compile(
    r"\[0, 1\]|\[-1, 1\]|at least|or more|per cent|×|\(\w+,|shares?\b|seconds|characters|one of",
    re.IGNORECASE,
)


def public() -> Iterator[tuple[str, Any]]:
    """The public names, and the public methods of public classes."""
    for name in framing.__all__:
        thing = getattr(framing, name)
        yield name, thing
        if inspect.isclass(thing):
            for method, found in vars(thing).items():
                bare = found.__func__ if isinstance(found, classmethod | staticmethod) else found
                if not method.startswith("_") and inspect.isfunction(bare):
                    yield f"{name}.{method}", bare


NAMES = dict(public())
FUNCTIONS = {name: thing for name, thing in NAMES.items() if inspect.isfunction(thing)}
CLASSES = {
    name: thing
    for name, thing in NAMES.items()
    if inspect.isclass(thing) and not issubclass(thing, Exception)
}


def parameters(thing: Any) -> list[str]:
    return [
        name
        for name, one in inspect.signature(thing).parameters.items()
        if name not in ("self", "cls") and one.kind is not inspect.Parameter.VAR_KEYWORD
    ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_explains_itself(name: str) -> None:
    text = inspect.getdoc(FUNCTIONS[name]) or ""
    assert text, "no docstring"
    wanted = parameters(FUNCTIONS[name])
    if len(wanted) > 1 or (wanted and "." not in name):
        assert "Args:" in text, f"no Args in: {text}"
        missing = [one for one in wanted if not re.search(rf"^\s+{one}: \S", text, re.MULTILINE)]
        assert not missing
    source = inspect.getsource(FUNCTIONS[name])
    if "raise FramingError" in source:
        assert "Raises:" in text


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_explains_its_fields(name: str) -> None:
    text = inspect.getdoc(CLASSES[name]) or ""
    fields = list(getattr(CLASSES[name], "__dataclass_fields__", {}))
    told = [one for one in fields if not one.startswith("_")]
    unexplained = [one for one in told if f"{one}:" not in text and f"`{one}`" not in text]
    # What a name says by itself needs no words, but not most of them.
    assert len(unexplained) <= len(told) / 2, unexplained


def numbers(thing: Any) -> list[str]:
    """Parameters that are numbers."""
    hints = inspect.get_annotations(thing)
    return [name for name in parameters(thing) if re.match(r"^(int|float)\b", str(hints.get(name, "")))]


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if numbers(FUNCTIONS[name])])
def test_a_number_has_its_range_or_unit(name: str) -> None:
    text = inspect.getdoc(FUNCTIONS[name]) or ""
    for number in numbers(FUNCTIONS[name]):
        told = re.search(rf"^\s+{number}: (.*?)(?=^\s+\w+: |^\w|\Z)", text, re.MULTILINE | re.DOTALL)
        if told:  # methods of one parameter may tell it in their first line
            assert UNITS.search(told[1]) or re.search(r"\d", told[1]), told[1]


@pytest.mark.parametrize("room", [info.name for info in pkgutil.iter_modules(framing.__path__)])
def test_a_room_says_what_it_is_for(room: str) -> None:
    if room != "__main__":
        assert importlib.import_module(f"framing.{room}").__doc__


def test_types_are_known() -> None:
    for name, thing in FUNCTIONS.items():
        assert "return" in inspect.get_annotations(thing), name
