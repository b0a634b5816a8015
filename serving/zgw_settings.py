"""The settings by which cases are fetched from ZGW APIs."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator

LOCAL = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class ZgwApis(BaseModel):
    """The ZGW APIs of one source, and this application's credentials there.

    Parameters
    ----------
    roots
        The addresses that may be fetched from, each ending in a slash: of the Zaken, Besluiten and
        Catalogi APIs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    roots: tuple[str, ...]
    client_id: str
    secret: SecretStr

    @field_validator("roots")
    @classmethod
    def _safe(cls, roots: tuple[str, ...]) -> tuple[str, ...]:
        for root in roots:
            if not root.startswith(("https://", *LOCAL)) or not root.endswith("/"):
                raise ValueError("a root begins with https:// and ends in a slash")
        if not roots:
            raise ValueError("name the addresses that may be fetched from")
        return roots
