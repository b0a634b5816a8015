"""Real take-up: the head beside logistic regression on displaced workers and unemployment benefit.

``ecdat_benefits.csv`` is read from VOORZET_REAL_DATA, or ../shared/data beside the repository,
through the pack in examples/benefits: ingest, signals, labels, head and baseline as in a training.
Citizens are divided by lot twenty times (five with --quick) and both are fitted anew each time; the
intervals allow for test sets that overlap (Nadeau and Bengio, 2003).

Three claims: area under the curve not below logistic regression's, calibration error not above,
log loss not above; each holds when the mean does. The intervals say how sure that is.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from _measuring import Claim, note, tell

from features.ingest import ingest
from features.lake import Lake
from features.loading import load_pack
from features.pseudonyms import Pseudonyms
from models.repeated import Repeated, repeated

HERE = Path(__file__).resolve().parents[1]
SERVICE = "unemployment-benefit"


def main() -> None:
    """Measures, and tells."""
    start = time.perf_counter()
    repeats = 5 if "--quick" in sys.argv else 20
    found = _measured(repeats)
    told = found.as_dict()
    gain, calibration, loss = (
        told[name]
        for name in ("gain_over_logistic", "calibration_above_logistic", "log_loss_above_logistic")
    )
    tell(
        "real_take_up",
        [
            Claim.at_least("AUC above logistic regression", gain["mean"], 0.0),
            Claim.at_most("calibration error above logistic's", calibration["mean"], 0.0),
            Claim.at_most("log loss above logistic's", loss["mean"], 0.0),
        ],
        start,
        repeats=repeats,
        head=told,
    )


def _measured(repeats: int) -> Repeated:
    pack = load_pack(HERE / "examples" / "benefits")
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(str(Path(folder) / "lake"), buckets=4)
        secret = Pseudonyms(b"voorzet benchmark, 32 bytes: one")
        ingest(pack, lake, secret, _file(), now=datetime.now(UTC))
        note("ingested")
        return repeated(
            lake,
            pack,
            repeats=repeats,
            progress=lambda phase, done, of: note(f"{phase}: {done} of {of}"),
        )[SERVICE]


def _file() -> Path:
    named = os.environ.get("VOORZET_REAL_DATA")
    folder = Path(named) if named else HERE.parent / "shared" / "data"
    file = folder / "ecdat_benefits.csv"
    if not file.is_file():
        sys.exit(f"no real data: {file} is not there; VOORZET_REAL_DATA can name the folder")
    return file


if __name__ == "__main__":
    main()
