"""Whether somebody may look at a citizen: a purpose that the domain has, and their own caseload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from features.pack import Pack
from serving.audit import Audit
from serving.errors import InvalidRequestError, NotAllowedError
from serving.security import Caller, Role

_UNBOUND = (Role.AUDITOR, Role.ADMIN)
"""Whoever accounts for all looks at anybody; each look is audited."""


class Caseload(Protocol):
    """Whose citizens are whose."""

    def holds(self, worker: str, citizen: int) -> bool:
        """Whether a citizen is on the caseload of ``worker``, the subject of a token."""
        ...


@dataclass(frozen=True)
class Access:
    """Checks every read of a citizen.

    Parameters
    ----------
    caseload
        Caseworkers see citizens of their own caseload only; all citizens when not given.
    """

    pack: Pack
    audit: Audit
    caseload: Caseload | None = None

    def purpose(self, purpose: str, by: Caller) -> None:
        """Check the purpose alone.

        Raises
        ------
        InvalidRequestError
            When the domain has no such purpose.
        NotAllowedError
            When it is none of the purposes that the caller's token allows.
        """
        if purpose not in self.pack.domain.purposes:
            known = ", ".join(self.pack.domain.purposes)
            raise InvalidRequestError(f"There is no such purpose. Choose one of: {known}.")
        if by.purposes is not None and purpose not in by.purposes:
            raise NotAllowedError("Your token does not allow this purpose.")

    def check(self, citizen: int, *, purpose: str, by: Caller) -> None:
        """Check the purpose, and that the citizen is in the caller's caseload.

        A refusal for the caseload is audited.
        """
        self.purpose(purpose, by)
        self.own(citizen, purpose=purpose, by=by)

    def own(self, citizen: int, *, purpose: str | None, by: Caller) -> None:
        """Check the caseload alone."""
        if not self.among([citizen], by=by):
            self.audit.record(
                "refused: another's caseload",
                by=by,
                citizens=[citizen],
                purpose=purpose,
                status="Error",
            )
            raise NotAllowedError("This citizen is not in your caseload.")

    def among(self, citizens: Sequence[int], *, by: Caller) -> frozenset[int]:
        """Which of ``citizens`` the caller may look at."""
        if not self.restricts(by) or self.caseload is None:
            return frozenset(citizens)
        return frozenset(one for one in citizens if self.caseload.holds(by.subject, one))

    def restricts(self, by: Caller) -> bool:
        """Whether the caller is held to a caseload."""
        return self.caseload is not None and by.may(Role.CASEWORKER) and not by.may(*_UNBOUND)
