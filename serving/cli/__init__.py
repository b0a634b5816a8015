"""The command ``voorzet``: one command a module, wired together in :mod:`serving.cli.app`."""

from serving.cli.app import main

__all__ = ["main"]
