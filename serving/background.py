"""Work in the background of the server: threads that do something every few seconds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from features.errors import VoorzetError
from serving.landing import Lander

COMPACT_AFTER = 32
"""Batches after which what landed in small pieces is put together."""

LONGEST_PAUSE = 60.0
log = logging.getLogger("voorzet.background")


class Every:
    """Does ``work`` every so many seconds until it is stopped. A fault is written down, and it is
    tried again after a while that grows with each fault in a row."""

    def __init__(self, seconds: float, work: Callable[[], None], name: str) -> None:
        self._seconds = seconds
        self._work = work
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the work at hand and end."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        pause = self._seconds
        while not self._stopped.wait(pause):
            try:
                self._work()
            except (VoorzetError, SQLAlchemyError) as fault:
                log.info("%s: not now (%s)", self._thread.name, type(fault).__name__)
                pause = min(LONGEST_PAUSE, 2 * self._seconds)
            except Exception:
                log.exception("%s: failed, and is tried again", self._thread.name)
                pause = min(LONGEST_PAUSE, 2 * pause + 1)
            else:
                pause = self._seconds


class BackgroundLanding(Every):
    """Lands what waits. Every worker has one; the database lets one of them land."""

    def __init__(self, lander: Lander, seconds: float) -> None:
        super().__init__(seconds, self._land, "landing")
        self._lander = lander
        self._batches = 0

    def stop(self) -> None:
        """Finish the batch at hand, and let another process land."""
        super().stop()
        try:
            self._lander.close()
        except SQLAlchemyError:
            log.info("the lease was not given back: it ends by itself")
        self._lander.database.close()

    def _land(self) -> None:
        self._batches += self._lander.land().batches
        if self._batches >= COMPACT_AFTER:
            self._batches = 0
            self._lander.compact()
