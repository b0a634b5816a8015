"""The faults of this package, in words for the person who can mend them."""

from __future__ import annotations

from features.errors import VoorzetError


class MatrixError(VoorzetError):
    """A frame of signals that is not the one a model was trained on."""


class BundleError(VoorzetError):
    """A model bundle that is incomplete, damaged or of another pack."""


class TooShortError(VoorzetError):
    """Records that cover too little time for a fit and a test period."""

    def __init__(self, needed: int, available: int) -> None:
        super().__init__(
            f"training needs {needed} months of records after the warm-up, and "
            f"{available} are available: shorten the horizon_days of the services, or "
            "load older records"
        )
        self.needed = needed
        self.available = available


class PromotionError(VoorzetError):
    """A promotion or roll-back that cannot be carried out."""


class ReproductionError(VoorzetError):
    """A training that cannot be repeated."""


class UnknownSignalError(VoorzetError):
    """A signal was named that the matrix does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no signal {name}; voorzet features --describe names them")
