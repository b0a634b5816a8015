"""The faults of serving, in words for the person who asked."""

from __future__ import annotations

from features.errors import VoorzetError


class UnknownCitizenError(VoorzetError):
    """Nobody is known here under what was asked for."""


class UnknownServiceError(VoorzetError):
    """The catalogue has no such service."""


class UnknownCampaignError(VoorzetError):
    """There is no such campaign."""


class UnknownObjectionError(VoorzetError):
    """There is no such objection."""


class UnknownSuggestionError(VoorzetError):
    """No such suggestion was shown to this citizen's caseworker."""


class InvalidRequestError(VoorzetError):
    """What was asked cannot be done as it was asked."""


class InvalidNumberError(InvalidRequestError):
    """A number that cannot be anybody's: it fails the check of its kind."""


class InvalidDateError(InvalidRequestError):
    """What stands for a date is none."""


class ConflictError(VoorzetError):
    """The same key was used before for something else."""


class NotAllowedError(VoorzetError):
    """The caller's role does not allow this."""


class NotSignedInError(VoorzetError):
    """There is no token, or it is not (or no longer) valid."""


class TooManyRequestsError(VoorzetError):
    """The caller asks more often than is allowed.

    Parameters
    ----------
    wait
        For how many seconds.
    """

    def __init__(self, text: str, wait: int) -> None:
        super().__init__(text)
        self.wait = wait


class NotReadyError(VoorzetError):
    """Something that answers depend on is not there yet (no data, no model, no migration)."""


class TooMuchError(VoorzetError):
    """So much waits that more is not taken now: the sender comes back later."""


class UnknownStopError(VoorzetError):
    """Suggestions were never switched off under this id."""
