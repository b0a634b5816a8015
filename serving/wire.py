"""How our records travel: frozen models with camelCase keys, and citizens as decimal strings."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema
from pydantic.alias_generators import to_camel

_LARGEST = 2**63


def _pseudonym(value: Any) -> Any:
    """The pseudonym written as a decimal string; JavaScript's numbers end at 2^53."""
    if isinstance(value, bool):
        raise ValueError("a citizen is a pseudonym, written as a decimal string")
    if isinstance(value, str):
        try:
            value = int(value)
        except ValueError:
            raise ValueError("a citizen is a pseudonym, written as a decimal string") from None
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        raise ValueError("a citizen is a signed number of 64 bits")
    return value


Citizen = Annotated[
    int,
    BeforeValidator(_pseudonym),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^-?[0-9]{1,19}$",
            "description": "The citizen's pseudonym, as a decimal string.",
            "examples": ["-4611686018427387904"],
        }
    ),
]
"""A citizen's pseudonym: a number inside, a decimal string in every JSON."""


class Wire(BaseModel):
    """A record at the border: read by pages as attributes, by machines as camelCase JSON."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid"
    )
