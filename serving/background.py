"""Landing in the background: a thread of the server that lands every few seconds.

Every worker has one; the database lets one of them land.
"""

from __future__ import annotations

import logging
import threading
import time

from sqlalchemy.exc import SQLAlchemyError

from features.errors import VoorzetError
from serving.landing import Lander

COMPACT_AFTER = 32
"""Batches after which what landed in small pieces is put together."""

log = logging.getLogger("voorzet.landing")


class BackgroundLanding:
    """Lands what waits until it is stopped; a fault is written down, and it tries again."""

    def __init__(self, lander: Lander, seconds: float) -> None:
        self._lander = lander
        self._seconds = seconds
        self._batches = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="landing", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand, and let another process land."""
        self._stopped.set()
        self._thread.join()
        try:
            self._lander.close()
        except SQLAlchemyError:
            log.info("the lease was not given back: it ends by itself")
        self._lander.database.close()

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            began = time.monotonic()
            try:
                self._land()
            except VoorzetError as fault:
                log.debug("not landing now: %s", fault)
            except SQLAlchemyError as fault:
                log.warning("not landing now: %s", type(fault).__name__)
            except Exception:
                log.exception("landing failed; it is tried again")
                self._stopped.wait(min(60.0, 10 * (time.monotonic() - began)))

    def _land(self) -> None:
        self._batches += self._lander.land().batches
        if self._batches >= COMPACT_AFTER:
            self._batches = 0
            self._lander.compact()
