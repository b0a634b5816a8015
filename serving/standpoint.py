"""From where requests are answered: the lake as it stands and the model that holds.

Both are read again when they have changed, and swapped whole, so that a request sees one of each
from beginning to end.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from features.lake import Lake
from features.pack import Pack
from features.snapshot import dictionary
from models.bundle import Bundle
from models.explanation import concepts_of
from serving.errors import NotReadyError


@dataclass(frozen=True, slots=True)
class Champion:
    """The model that holds, with the concept of each of its columns."""

    bundle: Bundle
    concepts: tuple[str, ...]


class Champions:
    """Hands out the champion that the pointer names.

    Parameters
    ----------
    pointer
        A symbolic link to a bundle's folder, swapped by promotion.
    """

    def __init__(self, pointer: Path, pack: Pack) -> None:
        self._pointer = pointer
        self._pack = pack
        self._lock = threading.Lock()
        self._held: tuple[Path, Champion] | None = None

    def current(self) -> Champion:
        """The champion.

        Raises
        ------
        NotReadyError
            When none was promoted yet.
        """
        folder = self._pointer.resolve()
        held = self._held
        if held is not None and held[0] == folder:
            return held[1]
        # One request loads what was promoted; those that come meanwhile have what is held.
        with self._lock if held is None else _trying(self._lock) as mine:
            if mine and (self._held is None or self._held[0] != folder):
                self._held = (folder, self._load(folder))
            now = self._held or held
        if now is None:
            raise NotReadyError("The model is being loaded; try again in a few seconds.")
        return now[1]

    def _load(self, folder: Path) -> Champion:
        if not folder.is_dir():
            raise NotReadyError(
                "No model has been promoted yet: run `voorzet train` and `voorzet promote`."
            )
        bundle = Bundle.load(folder)
        bundle.prepare()
        return Champion(bundle, concepts_of(bundle.columns.names, dictionary(self._pack)))


@contextmanager
def _trying(lock: threading.Lock) -> Iterator[bool]:
    """Whether the lock could be had at once."""
    mine = lock.acquire(blocking=False)
    try:
        yield mine
    finally:
        if mine:
            lock.release()


class LakeView:
    """Hands out the lake as it stood a moment ago.

    It is renewed by whoever asks when what is held is older than ``seconds``, and before that by
    the server's own thread (:meth:`renew`), so that a request need not wait for it.

    Parameters
    ----------
    anew
        Called each time: what is read beside the lake is as it stands by then.
    """

    def __init__(
        self,
        opened: Callable[[], Lake],
        *,
        anew: Callable[[], None] = lambda: None,
        seconds: float = 5.0,
    ) -> None:
        self._opened = opened
        self._anew = anew
        self._seconds = seconds
        self._lock = threading.Lock()
        self._held: tuple[float, Lake] | None = None
        self._versions: tuple[Lake, dict[str, int]] | None = None

    def current(self) -> Lake:
        """The lake as it stood at most so many seconds ago."""
        self._anew()
        held = self._held
        if held is None or time.monotonic() - held[0] > self._seconds:
            return self.renew()
        return held[1]

    def renew(self) -> Lake:
        """The lake as it stands now."""
        with self._lock:
            began = time.monotonic()
            lake = self._held[1].renewed() if self._held is not None else self._opened()
            self._held = (began, lake)
        return lake

    def forget(self) -> None:
        """Hold nothing: the next one who asks opens the lake anew."""
        self._held = None

    def versions(self, lake: Lake) -> dict[str, int]:
        """The versions of the tables of a lake that was handed out, asked once for each."""
        known = self._versions
        if known is None or known[0] is not lake:
            known = self._versions = (lake, lake.versions())
        return known[1]
