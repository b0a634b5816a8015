"""How often somebody may ask."""

from __future__ import annotations

import math
import time

from limits import parse_many
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from features.errors import VoorzetError
from serving.errors import TooManyRequestsError


class Rates:
    """Counts what each caller asks.

    Parameters
    ----------
    rate
        ``200/second``; several with ``;`` between them.
    storage
        Where is counted: ``memory://`` counts in each worker apart.
    """

    def __init__(self, rate: str, storage: str = "memory://") -> None:
        try:
            self._rates = parse_many(rate)
            self._limiter = FixedWindowRateLimiter(storage_from_string(storage))
        except (ValueError, ImportError, OSError) as fault:
            raise VoorzetError(f"the rate limit {rate!r} at its storage: {fault}") from fault

    def hit(self, who: str) -> None:
        """Count one request of ``who``.

        Raises
        ------
        TooManyRequestsError
            When it is one too many; it says how many seconds to wait.
        """
        for rate in self._rates:
            if not self._limiter.hit(rate, who):
                reset = self._limiter.get_window_stats(rate, who).reset_time
                wait = max(1, math.ceil(reset - time.time()))
                raise TooManyRequestsError(
                    f"More than {rate} is asked under this name. Wait {wait} seconds.", wait
                )
