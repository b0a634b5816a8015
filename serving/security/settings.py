"""What a workspace says of its identity provider."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from serving.security.callers import Role

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]


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

    @field_validator("issuer", "keys")
    @classmethod
    def _safe(cls, address: str | None) -> str | None:
        """Keys that come over an open line could be anybody's."""
        local = ("http://127.0.0.1", "http://localhost", "http://[::1]")
        if address is not None and not address.startswith(("https://", *local)):
            raise ValueError("an identity provider is reached by https")
        return address
