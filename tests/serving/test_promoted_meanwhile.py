"""A model is promoted, and rolled back, while caseworkers go on asking: nobody is turned away."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from models.promotion import Policy, promote, rollback
from tests.serving.office import JANSEN, KIM, PURPOSE, Office
from tests.serving.process import serving

SECONDS_AT_MOST = 60
WELL_MEASURED = {
    "heads_learned": 10,
    "auc": 0.8,
    "auc_popularity": 0.6,
    "auc_logistic": 0.8,
    "calibration_error": 0.01,
    "brier_skill": 0.1,
}
"""What the policy goes by; here it is the swap that is looked at."""


class Asking(threading.Thread):
    """Asks for suggestions all the time, and counts the answers by status and model."""

    def __init__(self, office: Office, address: str) -> None:
        super().__init__(daemon=True)
        self.request = Request(  # noqa: S310  # our own server
            f"{address}/v1/suggestions/_search",
            json.dumps({"citizen": str(office.citizen(JANSEN)), "purpose": PURPOSE}).encode(),
            {
                "Authorization": f"Bearer {office.token(KIM)}",
                "Content-Type": "application/json",
            },
        )
        self.seen: Counter[tuple[int, str]] = Counter()
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            self.seen[self.ask()] += 1

    def ask(self) -> tuple[int, str]:
        """The status, and the version of the model that was asked."""
        try:
            with urlopen(self.request, timeout=30) as answer:  # noqa: S310
                told = json.loads(answer.read())
                return answer.status, str(told["modelVersion"])
        except HTTPError as fault:
            fault.close()
            return fault.code, ""
        except OSError as fault:
            return 0, type(fault).__name__

    def wait_for(self, version: str) -> None:
        """Until this model has answered ten times more."""
        until = time.monotonic() + SECONDS_AT_MOST
        before = self.seen[200, version]
        while self.seen[200, version] < before + 10:
            assert time.monotonic() < until, f"{version} does not answer: {self.seen}"
            time.sleep(0.05)


@pytest.mark.slow("starts a real server of two workers")
def test_nobody_is_turned_away_while_a_model_is_promoted(tmp_path: Path) -> None:
    office = Office(tmp_path, crowd=20)
    bundles, first = office.workspace.bundles, office.bundle.version
    newer = replace(
        office.bundle,
        trained_at=office.bundle.trained_at + timedelta(days=1),
        metrics=WELL_MEASURED,
    )
    with serving(office.workspace, workers=2) as address:
        asking = [Asking(office, address) for _ in range(2)]
        for one in asking:
            one.start()
        for one in asking:
            one.wait_for(first)
        promoted = promote(newer, bundles, Policy())
        assert promoted.promoted, promoted.checks
        for one in asking:
            one.wait_for(newer.version)
        assert rollback(bundles) == first
        for one in asking:
            one.wait_for(first)
            one.enough.set()
            one.join()
    office.application.database.close()
    seen = sum((one.seen for one in asking), Counter[tuple[int, str]]())
    assert set(seen) == {(200, first), (200, newer.version)}
