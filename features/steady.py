"""Making a process ready that answers many small questions.

For a server or a benchmark, once, when what it needs is in memory. Not for a command that does one
thing: this takes a second.
"""

from __future__ import annotations

import gc
import pkgutil
from importlib import import_module

from features import kernels
from features.compiled import compile_all

YOUNG = 50_000
"""So many new objects before garbage is looked for. One question makes a few thousand, nearly all
gone without it; at Python's own 700 the looking took a quarter of the time."""


def load_kernels() -> None:
    """Have every kernel ready; those that were compiled before are only loaded."""
    for module in pkgutil.iter_modules(kernels.__path__):
        import_module(f"{kernels.__name__}.{module.name}")
    compile_all()


def make_ready() -> None:
    """Have the kernels ready, leave what is in memory out of garbage collection, and look for
    garbage less often.

    Kernels that were compiled before on this machine take about a second; the first time in an
    installation, a minute or two. Questions asked meanwhile wait only for the kernels they need.
    """
    load_kernels()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
