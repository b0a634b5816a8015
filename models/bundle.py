"""A bundle: a trained model as a plain folder of LightGBM text and JSON.

``manifest.json`` says what it is and holds a checksum of every other file; ``evaluation.json``
what was measured; ``heads/<service>.json`` the estimates, with the trees of an estimate beside it
as ``heads/<service>.<unaided|entitled|ceiling>.txt``. It is written whole or not at all, and read
only when every checksum holds. No class of ours is pickled and serving needs no MLflow.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from features.catalogue import Objective
from models.calibration import Calibration
from models.closings import Closing
from models.errors import BundleError
from models.heads import Estimate, Head, Prior, Trees
from models.matrix import Columns

FORMAT = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Bundle:
    """Heads with everything that is needed to score and to account for them.

    Parameters
    ----------
    pack, pack_checksum
        The domain pack it was trained under.
    trained_at
        The knowledge cut of the training: nothing known later took part.
    columns
        The signals, in order.
    heads
        By service, in the pack's order.
    metrics
        The summary that a promotion looks at (plain JSON).
    evaluation
        All that was measured (plain JSON, NaN as null).
    training
        How it was trained: periods, seeds, lake versions, settings (plain JSON).
    """

    pack: str
    pack_checksum: str
    trained_at: datetime
    columns: Columns
    heads: dict[str, Head]
    metrics: dict[str, Any] = field(default_factory=dict)
    evaluation: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def version(self) -> str:
        """The day of the knowledge cut and a digest of the heads: equal heads, equal version."""
        return self._version_of(self._head_files())

    def _version_of(self, head_files: Mapping[str, bytes]) -> str:
        digest = hashlib.sha256()
        for name, content in sorted(head_files.items()):
            digest.update(name.encode() + b"\0" + content)
        digest.update(json.dumps(self.columns.as_dict()).encode())
        digest.update(self.pack_checksum.encode())
        return f"{self.trained_at:%Y%m%d}-{digest.hexdigest()[:12]}"

    def write(self, folder: Path) -> Path:
        """Write the bundle to ``folder``: a temporary folder is filled, synced and renamed.

        Raises
        ------
        BundleError
            When something else stands at ``folder``. The same bundle again is harmless.
        """
        if folder.exists():
            if Bundle.load(folder).version == self.version:
                return folder
            raise BundleError(f"{folder} already holds another bundle")
        folder.parent.mkdir(parents=True, exist_ok=True)
        filling = Path(mkdtemp(prefix=".bundle-", dir=folder.parent))
        try:
            _fill(filling, self._files())
            filling.chmod(0o755)
            filling.rename(folder)
        except BaseException:
            shutil.rmtree(filling, ignore_errors=True)
            raise
        _sync(folder.parent)
        return folder

    @classmethod
    def load(cls, folder: Path) -> Bundle:
        """Read and verify a bundle.

        Raises
        ------
        BundleError
            When a file is missing, changed or of another format.
        """
        manifest = _read_json(folder, MANIFEST)
        if manifest.get("format") != FORMAT:
            raise BundleError(f"{folder} is not a bundle of format {FORMAT}")
        content = {
            name: _verified(folder, name, checksum) for name, checksum in manifest["files"].items()
        }
        bundle = cls(
            pack=manifest["pack"],
            pack_checksum=manifest["pack_checksum"],
            trained_at=datetime.fromisoformat(manifest["trained_at"]),
            columns=Columns.from_dict(manifest["columns"]),
            heads={service: _read_head(service, content) for service in manifest["heads"]},
            metrics=manifest["metrics"],
            evaluation=json.loads(content["evaluation.json"]),
            training=manifest["training"],
        )
        written = {name: body for name, body in content.items() if name.startswith("heads/")}
        version = bundle._version_of(written)
        if version != manifest["version"]:
            raise BundleError(f"{folder}: the heads are not those of the manifest")
        # As it was written: a later Voorzet may write the same heads with more fields.
        bundle.__dict__["version"] = version
        return bundle

    def prepare(self) -> None:
        """Read every model's trees, before somebody waits for it."""
        for head in self.heads.values():
            for estimate in _parts(head).values():
                if isinstance(estimate, Trees):
                    estimate.forest  # noqa: B018  # kept by the estimate

    def _files(self) -> dict[str, bytes]:
        content = self._head_files()
        content["evaluation.json"] = _json(self.evaluation)
        manifest = {
            "format": FORMAT,
            "version": self.version,
            "pack": self.pack,
            "pack_checksum": self.pack_checksum,
            "trained_at": self.trained_at.astimezone(UTC).isoformat(),
            "columns": self.columns.as_dict(),
            "heads": list(self.heads),
            "metrics": self.metrics,
            "training": self.training,
            "files": {name: hashlib.sha256(body).hexdigest() for name, body in content.items()},
        }
        return {**content, MANIFEST: _json(manifest)}

    def _head_files(self) -> dict[str, bytes]:
        content: dict[str, bytes] = {}
        for service, head in self.heads.items():
            content[f"heads/{service}.json"] = _json(_head_fields(head))
            for part, estimate in _parts(head).items():
                if isinstance(estimate, Trees):
                    content[f"heads/{service}.{part}.txt"] = estimate.text.encode()
        return content


def _parts(head: Head) -> dict[str, Estimate]:
    parts: dict[str, Estimate] = {"unaided": head.unaided}
    if head.entitled is not None:
        parts["entitled"] = head.entitled
    if head.ceiling is not None:
        parts["ceiling"] = head.ceiling
    return parts


def _head_fields(head: Head) -> dict[str, Any]:
    return {
        "objective": head.objective.value,
        "horizon_days": head.horizon_days,
        "outcome": head.outcome,
        "decisive": head.decisive,
        "right": head.right,
        "needed": head.needed.as_dict(),
        "closing": head.closing.as_dict() if head.closing else None,
        "grounds": head.grounds,
        **{part: _estimate_fields(estimate) for part, estimate in _parts(head).items()},
    }


def _estimate_fields(estimate: Estimate) -> dict[str, Any]:
    if isinstance(estimate, Trees):
        return {
            "kind": "trees",
            "calibration": estimate.calibration.as_dict(),
            "population": estimate.population,
            "known_shift": estimate.known_shift,
        }
    return {
        "kind": "prior",
        "eligible": estimate.eligible,
        "unknown": estimate.unknown,
        "positives": estimate.positives,
        "rows": estimate.rows,
        "reason": estimate.reason,
    }


def _read_head(service: str, content: dict[str, bytes]) -> Head:
    fields = json.loads(content[f"heads/{service}.json"])
    entitled, ceiling = (
        _read_estimate(service, part, fields[part], content) if part in fields else None
        for part in ("entitled", "ceiling")
    )
    return Head(
        service=service,
        objective=Objective(fields["objective"]),
        horizon_days=fields["horizon_days"],
        outcome=fields["outcome"],
        unaided=_read_estimate(service, "unaided", fields["unaided"], content),
        entitled=entitled,
        ceiling=ceiling,
        decisive=fields.get("decisive", True),
        right=fields.get("right", 1.0),
        needed=Calibration.from_dict(fields["needed"]) if "needed" in fields else Calibration(),
        closing=Closing.from_dict(fields["closing"]) if fields.get("closing") else None,
        grounds=fields.get("grounds", {}),
    )


def _read_estimate(
    service: str, part: str, fields: dict[str, Any], content: dict[str, bytes]
) -> Estimate:
    if fields["kind"] == "trees":
        return Trees(
            text=content[f"heads/{service}.{part}.txt"].decode(),
            calibration=Calibration.from_dict(fields["calibration"]),
            population=fields["population"],
            known_shift=fields.get("known_shift", 0.0),
        )
    return Prior(**{key: value for key, value in fields.items() if key != "kind"})


def _json(value: object) -> bytes:
    text = json.dumps(value, indent=1, sort_keys=True, allow_nan=False)
    return (text + "\n").encode()


def _fill(folder: Path, files: dict[str, bytes]) -> None:
    (folder / "heads").mkdir()
    for name, body in files.items():
        with (folder / name).open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
    _sync(folder / "heads")
    _sync(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as fault:
        raise BundleError(
            f"{folder} has no readable {name}: the bundle is incomplete, take another version"
        ) from fault


def _read_json(folder: Path, name: str) -> dict[str, Any]:
    try:
        found = json.loads(_read(folder, name))
    except ValueError as fault:
        raise BundleError(f"{folder / name} is damaged: {fault}") from fault
    return dict(found)


def _verified(folder: Path, name: str, checksum: str) -> bytes:
    body = _read(folder, name)
    if hashlib.sha256(body).hexdigest() != checksum:
        raise BundleError(
            f"{folder / name} is not the file the bundle was written with: take another version"
        )
    return body
