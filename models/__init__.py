"""Eligibility, heads, gates, ranking, evaluation and the registry.

At the front door stands what a notebook needs; a part is loaded when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.bundle import Bundle
    from models.over_time import over_time
    from models.reproducing import reproduce
    from models.scored_file import write_scores
    from models.training import train

__all__ = ["Bundle", "over_time", "reproduce", "train", "write_scores"]

_PLACES = {
    "Bundle": "models.bundle",
    "over_time": "models.over_time",
    "reproduce": "models.reproducing",
    "train": "models.training",
    "write_scores": "models.scored_file",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
