"""The files of a domain pack: strict YAML, and faults that name file, line and key.

YAML is read as of version 1.2 where 1.1 surprises: ``no`` and ``on`` are texts (``no`` is also
Norwegian), ``012`` and ``12:30`` are not numbers in another base, and a key given twice is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from features.errors import PackError

Key = tuple[str | int, ...]
"""A place inside a file: keys and list indices from the top."""

T = TypeVar("T")

_PLAIN = {
    "string_pattern_mismatch": "does not have the form {pattern}: small letters and digits, with "
    "hyphens in identifiers and underscores in names",
    "missing": "is required, and is not given",
    "string_type": "should be a text; put it between quotes",
    "dict_type": "should hold keys and values",
    "model_type": "should hold keys and values",
    "model_attributes_type": "should hold keys and values",
    "tuple_type": "should be a list",
    "too_short": "should hold at least {min_length}, and holds {actual_length}",
}


@dataclass(frozen=True, slots=True)
class PackFile:
    """One YAML file of a pack: its data, and the line of every key."""

    name: str
    data: Any
    lines: Mapping[Key, int]

    def fault(self, key: Key, problem: str) -> PackError:
        """The fault at ``key``; its line is that of the nearest key that stands in the file."""
        near = next((key[:n] for n in range(len(key), -1, -1) if key[:n] in self.lines), ())
        return PackError(self.name, dotted(key), problem, self.lines.get(near))

    def parse(self, model: type[T]) -> T:
        """The whole file as ``model``. Raises PackError at the first key that does not fit."""
        try:
            return TypeAdapter(model).validate_python(self.data)
        except ValidationError as invalid:
            raise self._first(invalid) from None

    def _first(self, invalid: ValidationError) -> PackError:
        """Of the alternatives of a union, the fault that speaks of a value says the most."""
        vague = ("missing", "unknown_key", "too_short")
        faults = invalid.errors(include_url=False)
        fault = next((one for one in faults if one["type"] not in vague), faults[0])
        here = [one for one in faults if self._place(one) == self._place(fault)]
        problems = dict.fromkeys(_problem(one) for one in here if one["type"] == fault["type"])
        return self.fault(self._place(fault), "; or ".join(problems))

    def _place(self, fault: ErrorDetails) -> Key:
        """Pydantic's location without the names it adds for the branches of a union."""
        place: list[str | int] = []
        here = self.data
        for part in fault["loc"]:
            listed = isinstance(here, list) and isinstance(part, int)
            if listed or (isinstance(here, dict) and part in here):
                place.append(part)
                here = here[part]
        if fault["type"] == "missing":
            place.append(fault["loc"][-1])
        if fault["type"] == "unknown_key":
            place.append(fault["ctx"]["key"])
        return tuple(place)


def dotted(key: Key) -> str:
    """``services.aio.criteria.0.sql``"""
    return ".".join(str(part) for part in key)


def read_pack_file(folder: Path, path: Path) -> PackFile:
    """Read one YAML file of the pack in ``folder``.

    Raises PackError where it is not YAML, is empty, or gives a key twice.
    """
    name = path.relative_to(folder).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as fault:
        raise PackError(name, "", f"is not UTF-8 text (byte {fault.start})") from None
    except OSError as fault:
        raise PackError(name, "", f"cannot be read: {fault.strerror}") from None
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            raise PackError(name, "", "is empty; expected keys and values")
        lines: dict[Key, int] = {}
        _walk(root, (), lines, _Seen(name, set()))
        return PackFile(name, loader.construct_document(root), lines)
    except yaml.MarkedYAMLError as fault:
        raise _syntax(name, fault) from None
    except (yaml.YAMLError, ValueError) as fault:
        raise PackError(name, "", f"is not valid YAML: {fault}") from None
    finally:
        loader.dispose()


def _problem(fault: ErrorDetails) -> str:
    plain = _PLAIN.get(fault["type"])
    context = fault.get("ctx", {})
    problem = plain.format(**context) if plain else fault["msg"].removeprefix("Value error, ")
    given = fault["input"]
    shown = isinstance(given, str | int | float | bool)
    return f"{problem} (got {given!r})" if shown else problem


def _syntax(name: str, fault: yaml.MarkedYAMLError) -> PackError:
    line = fault.problem_mark.line + 1 if fault.problem_mark else None
    return PackError(name, "", f"is not valid YAML: {fault.problem or fault.context}", line)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The nodes of a file that were met; one that is met again came in by an alias."""

    file: str
    nodes: set[int]

    def meet(self, node: yaml.Node, key: Key) -> None:
        if id(node) in self.nodes:
            problem = "is an alias (*name) of another place; write the value out"
            raise PackError(self.file, dotted(key), problem)
        self.nodes.add(id(node))


def _walk(node: yaml.Node, key: Key, lines: dict[Key, int], seen: _Seen) -> None:
    """Note the line of every key; refuse an alias, and a key that is given twice."""
    seen.meet(node, key)
    lines.setdefault(key, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(item, (*key, index), lines, seen)
    if isinstance(node, yaml.MappingNode):
        for part, item in node.value:
            inside = (*key, str(part.value))
            line = part.start_mark.line + 1
            if inside in lines:
                problem = f"is given twice, first on line {lines[inside]}; keep one of the two"
                raise PackError(seen.file, dotted(inside), problem, line)
            lines[inside] = line
            _walk(item, inside, lines, seen)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML's safe loader (in C where it is there), with the core schema of YAML 1.2."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("timestamp", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))
