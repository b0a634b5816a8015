"""Compiled functions: one pass over rows in order, at the speed of C and outside the interpreter's
lock.

``@compiled`` takes a plain function of arrays and numbers. What it takes is read off its
annotations, so there is one compiled form and no surprise at another kind of array: an ``NDArray``
is of one dimension, without gaps, and read only; ``int`` and ``float`` are of 64 bits. What it
makes, it makes itself and returns.

The first call of a function compiles it, once for this machine: the outcome is kept in
``NUMBA_CACHE_DIR``, or else beside the source (``__pycache__``), or else in the user's cache
folder; where none of these can be written, it is compiled anew in each process. Numba itself is
loaded at the first call of any, and not by a command that calls none.

Two rules, for what is kept is renewed only when the function's own file changes:

- it may call compiled functions of its own file alone, written before it;
- a constant of another file comes in as an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from importlib import import_module
from threading import RLock
from types import FunctionType
from typing import Any, Generic, ParamSpec, TypeVar, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Days = NDArray[np.int32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.uint64]
Marks = NDArray[np.uint32]

P = ParamSpec("P")
T = TypeVar("T")

_ONE_AT_A_TIME = RLock()
_EVERY: list[Compiled[Any, Any]] = []


class Compiled(Generic[P, T]):
    """A function that is compiled when it is first called, or by :meth:`ready`."""

    def __init__(self, work: Callable[P, T]) -> None:
        self._work = work
        self._fast: Callable[P, T] | None = None
        update_wrapper(self, work)
        _EVERY.append(self)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return (self._fast or self.ready())(*args, **kwargs)

    def __reduce__(self) -> str:
        return self._work.__qualname__

    def ready(self) -> Callable[P, T]:
        """The compiled function; whoever comes second waits for the first."""
        with _ONE_AT_A_TIME:
            if self._fast is None:
                self._fast = _compile(self._work)
            return self._fast


def compiled(work: Callable[P, T]) -> Compiled[P, T]:
    """Have ``work`` compiled when it is first called."""
    return Compiled(work)


def compile_all() -> None:
    """Have every function ready that was imported so far: for who serves, before the first
    request."""
    for one in _EVERY:
        one.ready()


def _compile(work: Callable[P, T]) -> Callable[P, T]:
    numba = import_module("numba")
    asked = get_type_hints(work)
    asked.pop("return", None)
    types = tuple(_type(annotation, numba) for annotation in asked.values())
    options = {"nogil": True, "error_model": "numpy"}
    parts = {name: one.ready() for name, one in _globals(work).items() if isinstance(one, Compiled)}
    if parts:
        work = _with(work, parts)
    try:
        fast: Callable[P, T] = numba.njit(types, cache=True, **options)(work)
    except RuntimeError:  # no folder to keep it in
        fast = numba.njit(types, **options)(work)
    return fast


def _globals(work: Callable[..., Any]) -> dict[str, Any]:
    """What ``work`` calls by name."""
    held = work.__globals__
    return {name: held[name] for name in work.__code__.co_names if name in held}


def _with(work: Callable[P, T], parts: dict[str, Any]) -> Callable[P, T]:
    """``work`` with ``parts`` in the place of what it calls by these names."""
    named = {**work.__globals__, **parts}
    bound = FunctionType(work.__code__, named, work.__name__)
    update_wrapper(bound, work)
    return bound


def _type(annotation: Any, numba: Any) -> Any:
    """The compiler's type for an annotation."""
    if annotation in (int, float, bool):
        return {int: numba.int64, float: numba.float64, bool: numba.boolean}[annotation]
    (element,) = get_args(get_args(annotation)[1])
    return numba.types.Array(numba.from_dtype(np.dtype(element)), 1, "C", readonly=True)
