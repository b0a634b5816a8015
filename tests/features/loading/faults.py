"""What the tests of loading share: the places of a village pack, and the fault that one gives."""

from pathlib import Path
from typing import Any

import pytest

from features.errors import PackError
from features.loading import load_pack
from tests.features.village import write_village

DOMAIN, SERVICES, PARAMETERS = "domain.yaml", "services.yaml", "parameters.yaml"

LIFE, REGISTER = "life_events.yaml", "sources/register.yaml"

RENT = "services.rent-help"

Fault = tuple[str, str, Any, str | None, str]
"""File, key that is set, its value, key that is named (that key when None), what is said."""


def fault_of(folder: Path) -> PackError:
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    return caught.value


def assert_named(
    folder: Path, file: str, key: str, value: Any, named: str | None, says: str
) -> None:
    """The village with ``value`` at ``key`` is refused, in the words that a :data:`Fault` gives."""
    fault = fault_of(write_village(folder, file, key, value))
    assert (fault.file, fault.key) == (file, key if named is None else named)
    assert says in fault.problem
