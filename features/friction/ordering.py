"""What rows are told apart by."""

from __future__ import annotations

from features.compiled import Flags
from features.compiled import Ints as Places

__all__ = ["Flags", "Places"]
