"""How a network thins out as the bar for an edge rises, so that no single threshold decides."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx
import pandas as pd
from numpy.typing import ArrayLike

from helpers.patients.network.graph import FloatArray, edge_weights

THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 17))  # 0.05 to 0.80


def threshold_sweep(
    matrix: ArrayLike, thresholds: Sequence[float] = THRESHOLDS, negative: str = "zero"
) -> pd.DataFrame:
    """Density and efficiency of the unweighted network whose edges have a weight above each threshold.

    matrix, negative: see `graph`. thresholds: on the scale of the matrix, 0 or more. Columns threshold, density (edges
    among all pairs, 0 to 1) and efficiency (global, path lengths counted in edges). Raises ValueError as `graph`, and for
    a threshold below zero.
    """
    weights = _weights(matrix, thresholds, negative)
    networks = [nx.from_numpy_array((weights > threshold).astype(int)) for threshold in thresholds]
    return pd.DataFrame(
        {
            "threshold": [float(threshold) for threshold in thresholds],
            "density": [float(nx.density(network)) for network in networks],
            "efficiency": [float(nx.global_efficiency(network)) for network in networks],
        }
    )


def mean_density(matrix: ArrayLike, thresholds: Sequence[float] = THRESHOLDS, negative: str = "zero") -> float:
    """Mean of the densities of `threshold_sweep`."""
    weights = _weights(matrix, thresholds, negative)
    densities = [nx.density(nx.from_numpy_array((weights > threshold).astype(int))) for threshold in thresholds]
    return float(sum(densities) / len(densities))


def _weights(matrix: ArrayLike, thresholds: Sequence[float], negative: str) -> FloatArray:
    if not thresholds or any(not threshold >= 0 for threshold in thresholds):
        raise ValueError("thresholds: must be 0 or more, one at least")
    return edge_weights(matrix, negative)
