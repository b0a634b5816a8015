"""How the tests are divided over processes: in lots, so that nothing costly is made twice.

A lot runs in one process. A file is a lot; files that ask for one and the same town, which is made
once a session, are one lot together. Those begin, then the files with slow tests, so that short
ones fill the end. The process that divides collects no tests: it looks at their files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

THREADS = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS")
ROOT = Path(__file__).parent.parent
ASKS = re.compile(r"^def [^:]*\([^)]*\bmunicipality\b", re.MULTILINE)
MAKES = re.compile(r"^def municipality\(", re.MULTILINE)
SLOW = re.compile(r"\bmark\.slow\(")


class Lots(LoadFileScheduling):
    """Hands out files, and the files of a town together."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return _town(file) or file


class Dividing:
    """The part of pytest that divides, when ``-n`` says over how many processes."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Lots | None:
        return Lots(config, log) if config.getoption("dist") == "loadfile" else None

    def pytest_xdist_setupnodes(self, specs: Sequence[object]) -> None:
        """Processes side by side share the cores. They take over this environment."""
        each = max(1, (os.cpu_count() or 1) // len(specs))
        for name in THREADS:
            os.environ.setdefault(name, str(each))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Puts what takes long first."""
        items.sort(key=lambda item: _turn(item.nodeid.partition("::")[0]))


def _turn(file: str) -> tuple[bool, bool]:
    return _town(file) is None, SLOW.search(_source(file)) is None


def _town(file: str) -> str | None:
    """The file that makes the town which a file asks for."""
    if not ASKS.search(_source(file)):
        return None
    makers = (folder / "conftest.py" for folder in Path(file).parents)
    return next((str(maker) for maker in makers if MAKES.search(_source(str(maker)))), None)


@cache
def _source(file: str) -> str:
    path = ROOT / file
    return path.read_text(encoding="utf-8") if path.is_file() else ""
