"""A Dask cluster for commands that can spread their work over one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from features.errors import VoorzetError


@contextmanager
def dask_client(address: str | None) -> Iterator[Any]:
    """A client of a cluster of this machine's own for ``local``, or of the scheduler at an address;
    None without an address.
    """
    if address is None:
        yield None
        return
    try:
        from distributed import Client, LocalCluster
    except ImportError as fault:
        raise VoorzetError(
            "Dask is not installed: install Voorzet with its extra 'dask', or leave out --dask"
        ) from fault
    with ExitStack() as open_:
        at: LocalCluster | str = address
        if address == "local":
            cluster = LocalCluster(dashboard_address=None, threads_per_worker=1)  # type: ignore[no-untyped-call]
            at = open_.enter_context(cluster)
        yield open_.enter_context(Client(at))  # type: ignore[no-untyped-call]
