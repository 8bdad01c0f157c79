"""For all tests: properties have no deadline, since a busy machine says nothing about the code."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("strikefold", deadline=None)
settings.load_profile("strikefold")
