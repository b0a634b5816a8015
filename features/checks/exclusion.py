"""A service gives way to others without a circle."""

from __future__ import annotations

from features.checks.circles import find_circle
from features.checks.draft import Draft, expected


def check_exclusion(draft: Draft) -> None:
    """Refuse an unknown service in ``excludes`` or ``affects``, and services that give way to each
    other in a circle: nobody could say which of them goes first."""
    services = draft.pack.services
    for name, service in services.items():
        _check_affected(draft, name)
        for index, other in enumerate(service.excludes):
            if other not in services:
                problem = expected("service", other, services)
                raise draft.service_fault(name, ("excludes", index), problem)
    circle = find_circle({name: list(service.excludes) for name, service in services.items()})
    if circle:
        first, second = circle[0], circle[1]
        raise draft.service_fault(
            first,
            ("excludes", services[first].excludes.index(second)),
            f"services exclude each other in a circle: {' → '.join(circle)}; excludes names the "
            "services that this one gives way to, so take one of these out",
        )


def _check_affected(draft: Draft, name: str) -> None:
    services = draft.pack.services
    for other in services[name].affects:
        if other not in services:
            raise draft.service_fault(
                name, ("affects", other), expected("service", other, services)
            )
