"""Sample a posterior with emcee, and say how far the chain may be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.base import MiliaError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sampler:
    """How long to sample: walkers, steps kept, and steps thrown away before."""

    walkers: int = 72
    burn: int = 800
    steps: int = 1600


@dataclass(frozen=True, eq=False)
class Chain:
    """Samples [count, d] on the sampler's coordinates, and the diagnostics of the chain."""

    samples: Array
    r_hat: float
    autocorrelation: float
    effective: float
    acceptance: float

    def thinned(self, count: int, *, seed: int) -> Array:
        """Return ``count`` samples drawn without replacement, the same for the same seed."""
        if count > len(self.samples):
            raise MiliaError(f"{count} draws were asked of a chain of {len(self.samples)} samples")
        rng = np.random.default_rng(seed)
        return self.samples[np.sort(rng.choice(len(self.samples), size=count, replace=False))]

    def diagnostics(self) -> dict[str, float]:
        """Give the diagnostics for a provenance."""
        return {
            "r_hat_worst": round(self.r_hat, 3),
            "autocorrelation_steps": round(self.autocorrelation, 1),
            "effective_samples": round(self.effective),
            "acceptance": round(self.acceptance, 3),
        }


def sample(log_posterior: Callable[[Array], Array], dimensions: int, *, seed: int, sampler: Sampler) -> Chain:
    """Run an ensemble sampler (Goodman & Weare 2010) from the prior, whose coordinates are standard normal.

    Half of the moves are differential evolution, which copes better with correlated coordinates than the
    stretch move alone.
    """
    import emcee

    rng = np.random.default_rng(seed)
    start = rng.standard_normal((sampler.walkers, dimensions))
    moves = [
        (emcee.moves.StretchMove(), 0.4),
        (emcee.moves.DEMove(), 0.5),
        (emcee.moves.DEMove(gamma0=1.0), 0.1),
    ]
    ensemble = emcee.EnsembleSampler(sampler.walkers, dimensions, log_posterior, moves=moves, vectorize=True)
    # emcee draws from its own legacy generator; its state is the seed's alone
    state = np.random.RandomState(seed % 2**32).get_state()
    ensemble.random_state = state
    ensemble.run_mcmc(start, sampler.burn + sampler.steps, skip_initial_state_check=True)
    chain = ensemble.get_chain(discard=sampler.burn)
    tau = float(np.max(emcee.autocorr.integrated_time(chain, quiet=True, tol=0)))
    return Chain(
        samples=chain.reshape(-1, dimensions),
        r_hat=split_r_hat(chain),
        autocorrelation=tau,
        effective=chain.shape[0] * chain.shape[1] / tau,
        acceptance=float(np.mean(ensemble.acceptance_fraction)),
    )


def split_r_hat(chain: Array) -> float:
    """Return the worst split R-hat (Gelman et al. 2013) over coordinates of a chain [steps, walkers, d].

    Walkers of one ensemble are not independent chains, so single walkers are pooled into groups first;
    each group's halves in time are then compared.
    """
    steps, walkers, _ = chain.shape
    half = steps // 2
    groups = np.array_split(np.arange(walkers), 4)
    pieces = [
        chain[part, :, :][:, group].reshape(-1, chain.shape[2])
        for group in groups
        for part in (slice(0, half), slice(half, 2 * half))
    ]
    means = np.array([piece.mean(axis=0) for piece in pieces])
    within = np.array([piece.var(axis=0, ddof=1) for piece in pieces]).mean(axis=0)
    length = min(len(piece) for piece in pieces)
    between = length * means.var(axis=0, ddof=1)
    estimate = (length - 1) / length * within + between / length
    return (
        float(np.sqrt(np.max(estimate / np.maximum(within, 1e-300))))
        if math.isfinite(float(within.max()))
        else math.inf
    )
