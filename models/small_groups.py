"""Groups of a few people are not shown, and nor is what gives one away by subtraction."""

from __future__ import annotations

from collections.abc import Mapping

SMALLEST = 10


def shown(people: int) -> int | None:
    """``people``, or None where they are fewer than ten; nobody is no group, and 0 is shown."""
    return None if 0 < people < SMALLEST else people


def to_hide(people: Mapping[str, int]) -> set[str]:
    """Which parts of a known whole are hidden: the small ones, and where what is hidden is still
    fewer than ten together, the next smallest part as well."""
    parts = sorted((count, name) for name, count in people.items() if count)
    hidden: list[tuple[int, str]] = []
    for count, name in parts:
        if count >= SMALLEST and (not hidden or sum(one for one, _ in hidden) >= SMALLEST):
            break
        hidden.append((count, name))
    return {name for _, name in hidden}
