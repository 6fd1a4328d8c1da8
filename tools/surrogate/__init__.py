"""Rebuilds the surrogate behind fast answers: ``python -m tools.surrogate``."""
