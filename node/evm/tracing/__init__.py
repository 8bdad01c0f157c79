"""Tracers: what looks at an execution while it runs, in the shapes geth's debug namespace has."""
