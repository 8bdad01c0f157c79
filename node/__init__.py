"""Strikefold: a recursive rollup node."""

from importlib.metadata import version

__version__ = version("strikefold")
