"""Circles in what rests on what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def find_circle(needs: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """A circle in a directed graph, with its first node again at the end; empty if there is none.

    >>> find_circle({"a": ["b"], "b": ["c"], "c": ["b"]})
    ('b', 'c', 'b')
    """
    done: set[str] = set()
    for start in needs:
        circle = _from(start, needs, [], done)
        if circle:
            return circle
    return ()


def _from(
    node: str, needs: Mapping[str, Sequence[str]], path: list[str], done: set[str]
) -> tuple[str, ...]:
    if node in path:
        return (*path[path.index(node) :], node)
    if node in done:
        return ()
    path.append(node)
    for needed in needs.get(node, ()):
        circle = _from(needed, needs, path, done)
        if circle:
            return circle
    done.add(path.pop())
    return ()
