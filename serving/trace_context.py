"""The trace that a piece of work belongs to, after W3C Trace Context.

One request or command is one trace. Whoever calls us with a ``traceparent`` finds our records
under the same trace as their own.
"""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime

_PARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)


def _now() -> datetime:
    return datetime.now(UTC)


def new_span() -> str:
    """The id of one record: 16 hexadecimal digits."""
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Trace:
    """What is under way.

    Parameters
    ----------
    trace
        32 hexadecimal digits.
    began
        When the work began.
    span
        The id of this piece of work: 16 hexadecimal digits.
    parent
        The caller's own piece of work, if they named it.
    sampled
        Whether the caller records this trace; one that we begin ourselves is recorded.
    """

    trace: str = field(default_factory=lambda: secrets.token_hex(16))
    began: datetime = field(default_factory=_now)
    span: str = field(default_factory=new_span)
    parent: str | None = None
    sampled: bool = True


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def begin(traceparent: str | None = None) -> Trace:
    """Begin a piece of work in this context, under the caller's trace when they name one."""
    trace = _under(traceparent or "")
    _current.set(trace)
    return trace


def _under(traceparent: str) -> Trace:
    found = _PARENT.fullmatch(traceparent)
    if found is None or (traceparent.startswith("00") and found.group(4)):
        return Trace()
    trace, parent, flags, _ = found.groups()
    return Trace(trace=trace, parent=parent, sampled=bool(int(flags, 16) & 1))


def current() -> Trace:
    """What is under way here; something of its own when nothing was begun."""
    return _current.get() or Trace()


def under_way() -> Trace | None:
    """What is under way here, if anything was begun."""
    return _current.get()
