"""Training a model again, from what was known when it was trained: does the same come out?

A training is repeated by ``known_at``, not by a version of the lake: what came in since plays no
part, and what was erased since is gone. The checksum of the examples tells the two causes of a
difference apart: other data, or the same data and another machine or library.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import polars as pl

from features.lake import Lake
from features.pack import Pack
from models.bundle import Bundle
from models.errors import ReproductionError
from models.examples import Progress
from models.fitting import Settings
from models.training import train


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A model beside what training again made of it.

    Parameters
    ----------
    same_data
        Whether the examples were the same to the bit.
    same_model
        Whether the heads are.
    again
        The bundle that came out.
    """

    version: str
    same_data: bool
    same_model: bool
    again: Bundle

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "version": self.version,
            "same_data": self.same_data,
            "same_model": self.same_model,
            "again": self.again.version,
        }


def reproduce(
    lake: Lake,
    pack: Pack,
    bundle: Bundle,
    *,
    shown: pl.DataFrame | None = None,
    threads: int = 2,
    progress: Progress | None = None,
) -> Reproduction:
    """Train ``bundle`` again: the same date, settings and seed.

    Raises
    ------
    ReproductionError
        When the pack is another than it was trained under, or the bundle does not say how it was
        trained.
    """
    if bundle.pack_checksum != pack.checksum:
        raise ReproductionError(
            f"{bundle.version} was trained under another version of the pack {bundle.pack}: put "
            f"back the files with checksum {bundle.pack_checksum[:12]}"
        )
    told = bundle.training.get("data", {}).get("examples_checksum")
    if told is None:
        raise ReproductionError(
            f"{bundle.version} was trained before the checksum of its examples was kept: it can be "
            f"trained again (voorzet train --as-of {bundle.trained_at:%Y-%m-%d}), not compared"
        )
    result = train(
        lake,
        pack,
        until=bundle.trained_at,
        months=bundle.training["months"],
        without=tuple(bundle.training.get("without", ())),
        threads=threads,
        settings=settings_of(bundle),
        shown=shown,
        progress=progress,
    )
    return Reproduction(
        bundle.version,
        same_data=result.data["examples_checksum"] == told,
        same_model=result.bundle.version == bundle.version,
        again=result.bundle,
    )


def settings_of(bundle: Bundle) -> Settings:
    """The settings that a bundle was trained with."""
    known = {one.name for one in fields(Settings)}
    told = bundle.training["settings"]
    return Settings(**{name: value for name, value in told.items() if name in known})
