"""Finding families: every concrete :class:`Family` of a module in this package, by name."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from inspect import isabstract, isclass
from types import ModuleType

from features.families.base import Family


@cache
def all_families() -> tuple[Family, ...]:
    """Every family of the product, in the order of their names."""
    package = import_module("features.families")
    modules = (
        import_module(f"{package.__name__}.{one.name}")
        for one in pkgutil.iter_modules(package.__path__)
    )
    found = (kind() for module in modules for kind in families_in(module))
    return tuple(sorted(found, key=lambda family: family.name))


def families_in(module: ModuleType) -> Iterator[type[Family]]:
    """The families that ``module`` itself defines."""
    for one in vars(module).values():
        family = isclass(one) and issubclass(one, Family) and not isabstract(one)
        if family and one.__module__ == module.__name__:
            yield one
