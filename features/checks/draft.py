"""A pack that has been read but not yet checked, with the file in which each thing stands."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from features.errors import PackError
from features.pack import Pack
from features.pack_files import Key, PackFile


@dataclass(frozen=True, slots=True)
class Draft:
    """What the checks look at.

    Parameters
    ----------
    homes
        The file of each service (``services.<id>``) and of each mapping (``sources.<id>``).
    """

    pack: Pack
    domain: PackFile
    parameters: PackFile
    life_events: PackFile
    homes: Mapping[str, PackFile]

    def service_fault(self, service: str, key: Key, problem: str) -> PackError:
        """A fault at ``services.<service>.<key>``."""
        file = self.homes[f"services.{service}"]
        return file.fault(("services", service, *key), problem)

    def mapping_fault(self, source: str, key: Key, problem: str) -> PackError:
        """A fault in the mapping of ``source``."""
        return self.homes[f"sources.{source}"].fault(key, problem)


def expected(what: str, given: str, known: Iterable[str]) -> str:
    """There is no such ``what``; the nearest known ones, or all when they are few."""
    known = sorted(known)
    near = difflib.get_close_matches(given, known, n=3, cutoff=0.5)
    if near:
        return f"there is no {what} {given!r}; did you mean {' or '.join(near)}?"
    if not known:
        return f"there is no {what} {given!r}; the pack declares none"
    shown = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    return f"there is no {what} {given!r}; expected one of {shown}"
