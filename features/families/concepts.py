"""Under which concept a family's signals are told."""

from __future__ import annotations

from features.pack import Pack

OTHER = "other"
"""The concept that is always there."""


def concept_in(pack: Pack, wanted: str) -> str:
    """``wanted`` where the domain has it, else :data:`OTHER`."""
    return wanted if wanted in pack.domain.concepts else OTHER
