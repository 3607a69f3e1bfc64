"""One connectivity matrix as a weighted graph, and its measures."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.effects.checks import check_choice

FloatArray = NDArray[np.float64]
NEGATIVE = ("zero", "absolute")


@dataclass(frozen=True)
class NetworkMeasures:
    """strength: mean over regions of the sum of their edges' weights. efficiency: weighted global efficiency.

    interhemispheric, ipsilesional, contralesional: mean connectivity of the pairs of regions between the hemispheres, in
    the lesioned one and in the other, signs kept; nan without such a pair, the last two also without a lesion side.
    negative_share: share of pairs below zero, which strength and efficiency treat by the rule chosen.
    """

    strength: float
    efficiency: float
    interhemispheric: float
    ipsilesional: float
    contralesional: float
    negative_share: float

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([asdict(self)])


def graph(matrix: ArrayLike, negative: str = "zero") -> nx.Graph:
    """Regions 0 to r - 1 and an edge a pair with a weight above zero.

    matrix: (r, r) symmetric connectivity (correlation or Fisher z); the diagonal is ignored. negative: below zero there is
    no edge ("zero", since a path through an opposed pair has no agreed meaning), or the sign is dropped ("absolute").
    Raises ValueError for a matrix that is not square, symmetric and finite off the diagonal.
    """
    weights = edge_weights(matrix, negative)
    result: nx.Graph = nx.empty_graph(len(weights))
    rows, columns = np.nonzero(np.triu(weights, 1))
    result.add_weighted_edges_from(
        zip(rows.tolist(), columns.tolist(), weights[rows, columns].tolist(), strict=True), weight="weight"
    )
    return result


def edge_weights(matrix: ArrayLike, negative: str = "zero") -> FloatArray:
    """(r, r) weights of the edges, 0 where there is none and on the diagonal."""
    check_choice("negative", negative, NEGATIVE)
    values = connectivity(matrix)
    return np.maximum(values, 0.0) if negative == "zero" else np.abs(values)


def connectivity(matrix: ArrayLike) -> FloatArray:
    """(r, r) as checked, with zeros on the diagonal."""
    values = np.array(matrix, dtype=float)
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        raise ValueError(f"matrix: must be square, got shape {values.shape}")
    np.fill_diagonal(values, 0.0)
    if not np.isfinite(values).all():
        row, column = map(int, np.argwhere(~np.isfinite(values))[0])
        raise ValueError(f"matrix[{row}, {column}]: must be a finite number")
    if not np.allclose(values, values.T, rtol=0, atol=1e-6 * max(1.0, float(np.abs(values).max()))):
        raise ValueError("matrix: must be symmetric")
    return (values + values.T) / 2


def global_efficiency(weighted: nx.Graph) -> float:
    """Mean over pairs of 1 / length of their shortest path, an edge's length being 1 / weight; 0 for unconnected pairs.

    Latora and Marchiori 2001, doi:10.1103/PhysRevLett.87.198701; weighted as Rubinov and Sporns 2010,
    doi:10.1016/j.neuroimage.2009.10.003. nan with fewer than two regions.
    """
    n = len(weighted)
    if n < 2:
        return float("nan")

    def length(_: int, __: int, edge: dict[str, float]) -> float:
        return 1 / edge["weight"]

    lengths = nx.all_pairs_dijkstra_path_length(weighted, weight=length)
    inverse = sum(1 / each for _, targets in lengths for each in targets.values() if each > 0)
    return inverse / (n * (n - 1))


def network_measures(
    matrix: ArrayLike, hemisphere: ArrayLike, lesion_side: str = "", negative: str = "zero"
) -> NetworkMeasures:
    """Measures of the network of all regions in `matrix` (r, r); take the motor regions out of a larger one before.

    hemisphere: (r,) "L" or "R". lesion_side: "L", "R", or "" where it is not known. negative: see `graph`.
    Raises ValueError as `graph`, and for sides of another name or number.
    """
    values = connectivity(matrix)
    side = np.asarray(hemisphere, dtype=str)
    if side.shape != (len(values),) or not np.isin(side, ["L", "R"]).all():
        raise ValueError(f"hemisphere: must be L or R for each of the {len(values)} regions")
    if lesion_side not in ("L", "R", ""):
        raise ValueError(f"lesion_side: must be L, R or empty, got {lesion_side!r}")
    network = graph(values, negative)
    strengths = [strength for _, strength in network.degree(weight="weight")]
    pair = np.triu(np.ones(values.shape, dtype=bool), 1)
    crossing = side[:, None] != side
    within = {name: pair & ~crossing & (side == name) for name in ("L", "R")}
    other = {"L": "R", "R": "L"}.get(lesion_side, "")
    return NetworkMeasures(
        strength=float(np.mean(strengths)) if strengths else float("nan"),
        efficiency=global_efficiency(network),
        interhemispheric=_mean(values, pair & crossing),
        ipsilesional=_mean(values, within.get(lesion_side)),
        contralesional=_mean(values, within.get(other)),
        negative_share=float((values[pair] < 0).mean()) if pair.any() else float("nan"),
    )


def _mean(values: FloatArray, chosen: NDArray[np.bool_] | None) -> float:
    return float(values[chosen].mean()) if chosen is not None and chosen.any() else float("nan")
