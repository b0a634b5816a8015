"""A pack's own families: Python files in its folder ``families/``, found without being named.

A file there is code, and runs with the rights of whoever loads the pack: read it before you take a
pack from another.
"""

from __future__ import annotations

import sys
import traceback
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from features.errors import PackError
from features.families.base import Family
from features.families.discovery import families_in

FOLDER = "families"


def family_files(folder: Path) -> list[Path]:
    """The files of the pack in ``folder`` that hold families, in a fixed order."""
    return sorted(folder.glob(f"{FOLDER}/[!_]*.py"))


def own_families(folder: Path) -> tuple[Family, ...]:
    """The families of the pack in ``folder``, in the order of their names.

    Every file is a module of its own name space: two packs may both have a ``visits.py``.

    Raises
    ------
    PackError
        When a file cannot be run, or holds no family.
    """
    found = [family for path in family_files(folder) for family in _families(folder, path)]
    return tuple(sorted(found, key=lambda family: family.name))


def file_of(family: Family) -> str:
    """The file of a pack's own family, relative to the pack."""
    return f"{FOLDER}/{Path(sys.modules[type(family).__module__].__file__ or '').name}"


def _families(folder: Path, path: Path) -> list[Family]:
    module = _run(path)
    kinds = list(families_in(module))
    if not kinds:
        problem = "holds no signal family; expected a class that is a features.families.Family"
        raise PackError(path.relative_to(folder).as_posix(), "", problem)
    for kind in kinds:
        if not isinstance(getattr(kind, "name", None), str):
            problem = "has no name; expected name = a snake_case text"
            raise PackError(path.relative_to(folder).as_posix(), kind.__name__, problem)
    return [kind() for kind in kinds]


def _run(path: Path) -> ModuleType:
    name = f"voorzet_pack.{path.parents[1].resolve().name}.{path.stem}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PackError(f"{FOLDER}/{path.name}", "", "cannot be read as Python")
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as fault:
        del sys.modules[name]
        problem = f"cannot be loaded: {type(fault).__name__}: {fault}"
        raise PackError(f"{FOLDER}/{path.name}", "", problem, line_in(path, fault)) from fault
    return module


def line_in(path: Path, fault: Exception) -> int | None:
    """The line of ``path`` at which ``fault`` arose, where it did."""
    if isinstance(fault, SyntaxError) and fault.filename == str(path):
        return fault.lineno
    frames = traceback.extract_tb(fault.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename) == path]
    return lines[-1] if lines else None
