"""Who is asking, and what they may do."""

from serving.security.callers import Caller, Role

__all__ = ["Caller", "Role"]
