"""What a workspace says of its identity provider."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from serving.security.callers import Role
from serving.security.discovery import is_safe

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]


class PageLogIn(BaseModel):
    """How people log in to the pages by way of the identity provider.

    The client's secret stands in no settings file: see
    :meth:`serving.workspace.Workspace.client_secret`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    client: str = Field(min_length=1, description="The client id of these pages there.")
    address: str = Field(
        description="Where people reach the pages: the provider sends them back to "
        "`<address>/log-in/back` and nowhere else."
    )
    scopes: tuple[str, ...] = Field(default=("openid", "profile"))
    roles_in: Literal["access-token", "id-token"] = Field(
        default="access-token",
        description="Which token holds the roles; an access token is read as the API reads it.",
    )
    session_hours: float = Field(default=8.0, gt=0.0, le=24.0)

    @field_validator("address")
    @classmethod
    def _safe(cls, address: str) -> str:
        if not is_safe(address):
            raise ValueError("people reach the pages by https")
        if any(mark in address for mark in "?# "):
            raise ValueError("the pages' address is scheme, host and path alone")
        return address.rstrip("/")

    @field_validator("scopes")
    @classmethod
    def _identity(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in scopes:
            raise ValueError("`openid` is among the scopes, or no one says who logged in")
        return scopes


class IdentityProvider(BaseModel):
    """An OpenID Connect issuer, and how what it claims becomes roles.

    Only signatures by a private key that the issuer keeps for itself are read: no shared secrets,
    and never a token without a signature.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field(description="As it stands in `iss`.")
    audience: str = Field(description="As it stands in `aud`: this application.")
    keys: str | None = Field(
        default=None, description="The address of its key set; asked of the issuer when not given."
    )
    algorithms: tuple[Algorithm, ...] = Field(default=("RS256", "PS256", "ES256"), min_length=1)
    leeway: int = Field(default=30, ge=0, le=300, description="Seconds that clocks may differ.")
    role_claims: tuple[str, ...] = Field(
        default=("roles", "scope"),
        description="Where roles and scopes stand: a list, or words with spaces; dots go deeper.",
    )
    roles: dict[str, Role] = Field(
        default_factory=lambda: {role.value: role for role in Role},
        description="What is claimed → the role it gives. What is not named here gives nothing.",
    )
    name_claim: str = "name"
    purposes_claim: str | None = Field(
        default=None,
        description="Where the purposes stand that a caller may look for; any when not given.",
    )
    log_in: PageLogIn | None = Field(
        default=None, description="The pages' log-in; without it they ask for a token."
    )

    @field_validator("issuer", "keys")
    @classmethod
    def _safe(cls, address: str | None) -> str | None:
        """Keys that come over an open line could be anybody's."""
        if address is not None and not is_safe(address):
            raise ValueError("an identity provider is reached by https")
        return address
