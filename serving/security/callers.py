"""A caller: the person or system behind a token, and the roles it holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from serving.errors import NotAllowedError


class Role(StrEnum):
    """What a caller may be. A role says what someone does, not how important they are."""

    CASEWORKER = "caseworker"
    OUTREACH = "outreach"
    DATA_SCIENTIST = "data-scientist"
    AUDITOR = "auditor"
    SOURCE = "source"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever asks.

    Parameters
    ----------
    subject
        The stable id in the token; it goes into audit and decisions.
    name
        How colleagues know them.
    roles
        What they may do.
    purposes
        For which purposes they may look at citizens; any of the domain's when None.
    """

    subject: str
    name: str
    roles: frozenset[Role]
    purposes: frozenset[str] | None = None

    def may(self, *roles: Role) -> bool:
        """Whether the caller holds one of ``roles``."""
        return not self.roles.isdisjoint(roles)

    def require(self, *roles: Role) -> None:
        """Raise :class:`NotAllowedError` unless the caller holds one of ``roles``."""
        if not self.may(*roles):
            wanted = " or ".join(sorted(roles))
            raise NotAllowedError(f"This needs the role {wanted}.")


def roles_among(claimed: object) -> frozenset[Role]:
    """The roles we know among those that a token claims; others, and what is no list, are none."""
    known = {role.value: role for role in Role}
    given = claimed if isinstance(claimed, list) else []
    return frozenset(known[role] for role in given if isinstance(role, str) and role in known)
