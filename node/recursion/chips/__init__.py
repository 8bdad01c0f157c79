"""Chips that more than one machine uses."""
