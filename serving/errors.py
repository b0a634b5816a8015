"""The faults of serving, in words for the person who asked."""

from __future__ import annotations

from features.errors import VoorzetError


class UnknownCitizen(VoorzetError):
    """Nobody is known here under what was asked for."""


class UnknownService(VoorzetError):
    """The catalogue has no such service."""


class UnknownSuggestion(VoorzetError):
    """No such suggestion was shown to this citizen's caseworker."""


class InvalidRequest(VoorzetError):
    """What was asked cannot be done as it was asked."""


class Conflict(VoorzetError):
    """The same key was used before for something else."""


class NotAllowed(VoorzetError):
    """The caller's role does not allow this."""


class NotSignedIn(VoorzetError):
    """There is no token, or it is not (or no longer) valid."""


class NotReady(VoorzetError):
    """Something that answers depend on is not there yet (no data, no model, no migration)."""
