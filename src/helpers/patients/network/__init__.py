"""Brain networks from connectivity matrices, patient by patient; the graph measures are those of networkx."""

from helpers.patients.network.graph import NEGATIVE, NetworkMeasures, graph, network_measures
from helpers.patients.network.sweep import THRESHOLDS, threshold_sweep
from helpers.patients.network.visits import network_by_visit, sweep_by_visit

__all__ = [
    "NEGATIVE",
    "THRESHOLDS",
    "NetworkMeasures",
    "graph",
    "network_by_visit",
    "network_measures",
    "sweep_by_visit",
    "threshold_sweep",
]
