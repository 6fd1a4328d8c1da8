"""What measurements and outcomes say about the uncertain parameters; so far, the prior alone."""

from milia.calibration.draws import Marginal, draw, from_quantity, from_uncertain, measured, sobol
from milia.calibration.prior import (
    CELL_DEATH_SETS,
    PRIOR_NAME,
    UNCERTAIN,
    draw_parameters,
    parameters_from,
    prior,
    simulate,
)

__all__ = [
    "CELL_DEATH_SETS",
    "PRIOR_NAME",
    "UNCERTAIN",
    "Marginal",
    "draw",
    "draw_parameters",
    "from_quantity",
    "from_uncertain",
    "measured",
    "parameters_from",
    "prior",
    "simulate",
    "sobol",
]
