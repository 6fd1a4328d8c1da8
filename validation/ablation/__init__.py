"""Calibration against published craters, and its validation with whole studies left out."""

import os

# folds run in processes of their own, where threads of the linear algebra would fight; read when numpy loads
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
