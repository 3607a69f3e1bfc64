"""Solving Q(tau2) = target, the equation behind Paule-Mandel and the Q-profile limits."""

from collections.abc import Callable

import numpy as np

from helpers.synthesis.trials import FloatArray, Trials, weighted

MAX_STEPS = 500


def solve_q(trials: Trials, target: FloatArray) -> FloatArray:
    """tau2 >= 0 at which sum (yi - mean)^2 / (vi + tau2) falls to `target`; 0 where it starts below. All (m,)."""

    def q_and_qpp(tau2: FloatArray) -> tuple[FloatArray, FloatArray]:
        at = weighted(trials, trials.weights(tau2))
        return at.q, at.qpp

    return solve(q_and_qpp, target)


def solve(q_and_qpp: Callable[[FloatArray], tuple[FloatArray, FloatArray]], target: FloatArray) -> FloatArray:
    """solve_q for any residual sum of squares y'Py; q_and_qpp gives it with y'PPy, minus its derivative.

    Q is a sum of terms c / (lambda + tau2) with c >= 0, so 1/Q is concave and rising in tau2: Newton's method on 1/Q
    from zero stays left of the only root, rises to it, and needs no bracket.
    """
    tau2 = np.zeros_like(target)
    for _ in range(MAX_STEPS):
        q, qpp = q_and_qpp(tau2)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(q > target, q * (q - target) / (target * qpp), 0.0)
        tau2 = tau2 + step
        if (step <= 1e-10 * tau2).all():  # convergence is quadratic: the error left is the square of that
            return tau2
    raise ArithmeticError("Q(tau2) = target was not solved")
