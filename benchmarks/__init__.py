"""How fast the engine is, how exact, and what others need for the same: ``python -m benchmarks``."""
