"""The caseworker's pages: server-rendered, on top of :class:`serving.application.Application`."""

from serving.web.pages import mount

__all__ = ["mount"]
