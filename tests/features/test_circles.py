"""Circles are found where there are any, and nowhere else."""

from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from features.checks.circles import find_circle

NODES = st.sampled_from("abcdef")
GRAPHS = st.dictionaries(NODES, st.lists(NODES, max_size=3))


def has_order(needs: dict[str, list[str]]) -> bool:
    try:
        TopologicalSorter(needs).prepare()
    except CycleError:
        return False
    return True


@given(GRAPHS)
def test_there_is_a_circle_exactly_when_there_is_no_order(needs):
    assert (find_circle(needs) == ()) == has_order(needs)


@given(GRAPHS)
def test_a_circle_can_be_walked_and_comes_back(needs):
    circle = find_circle(needs)
    for step, following in pairwise(circle):
        assert following in needs[step]
    if circle:
        assert circle[0] == circle[-1]
        assert len(set(circle)) == len(circle) - 1


def test_a_service_that_gives_way_to_itself():
    assert find_circle({"a": ["a"]}) == ("a", "a")
