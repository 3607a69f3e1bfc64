"""Cluster-robust tests: right on average even where the model has the dependence between effects wrong."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.effects.checks import check_choice
from helpers.synthesis.coefficients import coefficient_table
from helpers.synthesis.meta_regression import MetaRegression
from helpers.synthesis.multilevel import Multilevel
from helpers.synthesis.multivariate import Multivariate
from helpers.synthesis.trials import FloatArray

CORRECTIONS = ("CR2", "CR1")


@dataclass(frozen=True, eq=False)
class ClusterRobust:
    """coefficients: as in MetaRegression, with robust se and t tests; vcov: their covariance."""

    coefficients: pd.DataFrame
    clusters: int
    correction: str
    level: float
    vcov: FloatArray

    def to_frame(self) -> pd.DataFrame:
        """The coefficients."""
        return self.coefficients

    def __repr__(self) -> str:
        table = self.coefficients.to_string(float_format="%.4g")
        return f"ClusterRobust {self.correction}, {self.clusters} clusters\n{table}"


def cluster_robust(
    fitted: MetaRegression | Multilevel | Multivariate, cluster: ArrayLike, correction: str = "CR2"
) -> ClusterRobust:
    """Sandwich standard errors of a fitted model, from the residuals of whole clusters.

    cluster: (k,) labels; effects of different clusters must be independent under the model. "CR2": residuals adjusted
    so that the variance is unbiased where the model is right, Satterthwaite's df for each coefficient; right from about
    ten clusters on, and with fewer df than 4 a p value is not to be relied on. "CR1": times n / (n - p) for n clusters,
    n - p df. Raises ValueError for a length that differs, no more clusters than coefficients, and clusters that share a
    random effect. Pustejovsky and Tipton 2018, doi:10.1080/07350015.2016.1247004; Tipton 2015, doi:10.1037/met0000011.
    """
    check_choice("correction", correction, CORRECTIONS)
    y, x, phi = fitted.yi, fitted.design, fitted.covariance
    k, p = x.shape
    labels = np.asarray(cluster)
    if labels.shape != (k,):
        raise ValueError(f"cluster and yi differ in length: {len(labels)} and {k}")
    code, names = pd.factorize(labels)
    n = len(names)
    if n <= p:
        raise ValueError(f"cluster: {p} coefficients need more than {p} clusters, got {n}")
    if (phi[code[:, None] != code] != 0).any():
        raise ValueError("cluster: effects of different clusters share a random effect or a covariance in V")

    weighted = np.linalg.solve(phi, x).astype(float)
    bread = np.linalg.inv(x.T @ weighted).astype(float)
    b = bread @ (weighted.T @ y)
    residual = y - x @ b
    rows = [np.flatnonzero(code == i) for i in range(n)]
    # (n, p, k): what each cluster's residuals are multiplied with to give its part of the error of b.
    influence = np.zeros((n, p, k))
    for i, own in enumerate(rows):
        part = bread @ weighted[own].T
        influence[i][:, own] = part @ _adjustment(phi, x, bread, own) if correction == "CR2" else part
    scores = influence @ residual
    vcov = scores.T @ scores
    if correction == "CR1":
        vcov, df = vcov * n / (n - p), np.full(p, float(n - p))
    else:
        df = np.array([_satterthwaite(influence[:, j], phi, x, bread, weighted) for j in range(p)])
    table = coefficient_table(list(fitted.coefficients.index), b, vcov, df, fitted.level)
    return ClusterRobust(table, n, correction, fitted.level, vcov)


def _adjustment(phi: FloatArray, x: FloatArray, bread: FloatArray, own: np.ndarray) -> FloatArray:
    """A with A G A' = phi of the cluster, G the variance of its residuals: D' (D G D')^(-1/2) D, phi = D'D."""
    block = phi[np.ix_(own, own)]
    d = np.linalg.cholesky(block).T
    values, vectors = np.linalg.eigh(d @ (block - x[own] @ bread @ x[own].T) @ d.T)
    # A cluster that alone decides a coefficient has residuals without variance in that direction.
    root = np.where(values > 1e-10 * values[-1], 1 / np.sqrt(np.maximum(values, 1e-300)), 0.0)
    return d.T @ (vectors * root) @ vectors.T @ d


def _satterthwaite(
    influence: FloatArray, phi: FloatArray, x: FloatArray, bread: FloatArray, weighted: FloatArray
) -> float:
    """df of a variance that is a sum of squares (influence @ residual)^2 over clusters. influence: (n, k)."""
    p = influence - (influence @ x) @ bread @ weighted.T  # in terms of yi instead of residuals
    covariance = p @ phi @ p.T
    return float(np.trace(covariance) ** 2 / (covariance**2).sum())
