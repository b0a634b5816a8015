"""Whatever stands anywhere, a pack loads or says where it is wrong."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.errors import PackError
from features.loading import load_pack
from features.pack import Pack
from tests.features.village import VILLAGE, write_village


def _places(node: Any, key: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    inside = node.items() if isinstance(node, dict) else enumerate(node)
    found = []
    for part, value in inside:
        here = (*key, str(part))
        found.append(here)
        if isinstance(value, dict | list):
            found += _places(value, here)
    return found


PLACES = [(file, ".".join(key)) for file, content in VILLAGE.items() for key in _places(content)]

WRONG = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.text("ab{('=<", max_size=6),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text("ab", min_size=1, max_size=2), st.text("ab", max_size=2), max_size=2),
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), value=WRONG)
def test_whatever_stands_anywhere_a_pack_loads_or_says_where_it_is_wrong(tmp_path, place, value):
    """Anything but a PackError fails here."""
    outcome = loaded_or_fault(write_village(tmp_path, *place, value))
    if isinstance(outcome, PackError):
        assert outcome.file in VILLAGE
        assert outcome.problem


def loaded_or_fault(folder: Path) -> Pack | PackError:
    try:
        return load_pack(folder)
    except PackError as fault:
        return fault
