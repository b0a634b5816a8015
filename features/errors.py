"""The faults this package reports: each says what is wrong, where, and what mends it."""

from __future__ import annotations


class VoorzetError(Exception):
    """A fault that a person can mend. Its text is written for that person."""


class PackError(VoorzetError):
    """A domain pack that cannot be used.

    Parameters
    ----------
    file
        The pack's file, relative to the pack folder.
    key
        The place inside the file, as a dotted path such as ``services.aio.criteria.0.sql``.
    problem
        What was found, what was expected, and what to do.
    line
        The line of the file, counted from 1, where it is known.
    """

    def __init__(self, file: str, key: str, problem: str, line: int | None = None) -> None:
        place = file if line is None else f"{file}, line {line}"
        super().__init__(f"{place}: {key}: {problem}" if key else f"{place}: {problem}")
        self.file = file
        self.key = key
        self.problem = problem
        self.line = line


class SourceError(VoorzetError):
    """A delivered file that cannot be read as its mapping says (nothing of it was landed)."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}")
        self.file = file
        self.problem = problem
