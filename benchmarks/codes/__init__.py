"""Codes that solve the linear reference problem, one file each, with ``solve() -> six rises``."""
