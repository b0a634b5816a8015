"""How benchmarks measure and tell: jobs in processes of their own, and one JSON object last."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure beside its target."""

    claim: str
    value: float
    target: float
    holds: bool

    @classmethod
    def at_most(cls, claim: str, value: float, target: float) -> Claim:
        """A figure that should not be higher."""
        return cls(claim, round(value, 3), target, value <= target)

    @classmethod
    def at_least(cls, claim: str, value: float, target: float) -> Claim:
        """A figure that should not be lower."""
        return cls(claim, round(value, 3), target, value >= target)


class AnonymousMemory:
    """The most anonymous memory this process has held, looked at twenty times a second.

    Memory that is not backed by a file: what a build needs, without what the system caches.
    """

    def __init__(self) -> None:
        self.peak_mb = 0.0
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> AnonymousMemory:
        self._watch.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self._done.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._done.wait(0.05):
            status = Path("/proc/self/status").read_text(encoding="ascii")
            line = next(one for one in status.splitlines() if one.startswith("RssAnon"))
            self.peak_mb = max(self.peak_mb, int(line.split()[1]) / 1024)


def job(script: str, *arguments: str) -> dict[str, Any]:
    """Runs ``script`` in a process of its own; what it prints last is its answer."""
    command = [sys.executable, script, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def timed(work: Callable[[], Any]) -> float:
    """The seconds that ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def note(text: str) -> None:
    """A line for whoever waits."""
    print(text, file=sys.stderr, flush=True)


def tell(benchmark: str, claims: Sequence[Claim], start: float, **more: Any) -> None:
    """The last line: the claims as one JSON object."""
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    told = {
        "benchmark": benchmark,
        "claims": [asdict(claim) for claim in claims],
        "seconds": round(time.perf_counter() - start, 1),
        "peak_rss_mb": round(peak / 1024),
        **more,
    }
    print(json.dumps(told))
