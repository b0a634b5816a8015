"""Compiled functions take what their annotations say, are compiled once, and travel by name."""

from __future__ import annotations

import pickle
import subprocess
import sys
from threading import Thread

import numpy as np
import pytest

from features.compiled import Floats, Ints, compiled
from features.kernels.ordering import ties_of_two


@compiled
def doubled(one: float) -> float:
    return 2 * one


@compiled
def weighed(values: Floats, at: Ints, offset: int) -> Floats:
    """Of each place its doubled value, and something more."""
    found = np.empty(len(at))
    for i in range(len(at)):
        found[i] = doubled(values[at[i]]) + offset
    return found


def test_it_does_what_the_plain_function_does() -> None:
    values, at = np.array([1.0, 2.0, 3.0]), np.array([2, 0])
    assert weighed(values, at, 1).tolist() == [7.0, 3.0]
    assert weighed.__doc__ == "Of each place its doubled value, and something more."


def test_an_array_that_may_not_be_written_will_do() -> None:
    values = np.array([1.0, 2.0])
    values.flags.writeable = False
    assert weighed(values, np.array([1]), 0).tolist() == [4.0]


@pytest.mark.parametrize("other", [np.array([1], dtype=np.int32), np.arange(4)[::2]])
def test_another_kind_of_array_is_refused(other: Ints) -> None:
    with pytest.raises(TypeError, match="No matching definition"):
        weighed(np.array([1.0, 2.0, 3.0]), other, 0)


def test_whoever_calls_first_waits_for_the_same_compiled_form() -> None:
    found: list[object] = []
    threads = [Thread(target=lambda: found.append(weighed.ready())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len({id(one) for one in found}) == 1


def test_it_travels_by_name() -> None:
    again = pickle.loads(pickle.dumps(ties_of_two))  # noqa: S301 - what was written just now
    assert again is ties_of_two


def test_what_calls_none_does_not_load_the_compiler() -> None:
    asked = "import sys, features.snapshot, serving.cli; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
