"""Compiled inner loops of the three-dimensional engine: plain arrays in, plain arrays out.

Importing them sets the folder in which machine code is kept; see :mod:`milia.engine.kernels`.
"""

import milia.engine.kernels  # noqa: F401
