"""The small office, made once for all tests of serving that do not change it for others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.serving.office import Office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A workspace with people, identities and a champion."""
    made = Office(tmp_path_factory.mktemp("office"))
    yield made
    made.application.database.close()
