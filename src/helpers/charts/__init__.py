"""Charts of computed numbers. They draw what they are given and compute no statistics.

Importing this package enables the Altair theme and renderer named "book".
"""

from helpers.charts import theme as theme
from helpers.charts.baujat import baujat_plot
from helpers.charts.bias import bias_summary, traffic_light
from helpers.charts.bubble import bubble_plot
from helpers.charts.changes import change_scatter
from helpers.charts.consort import consort_diagram
from helpers.charts.coverage import coverage_plot
from helpers.charts.drapery import drapery_plot
from helpers.charts.figure import data_behind
from helpers.charts.flow import flow_diagram
from helpers.charts.forest import forest_plot
from helpers.charts.funnel import funnel_plot
from helpers.charts.gosh import gosh_plot
from helpers.charts.interactive_forest import interactive_forest
from helpers.charts.intervals import interval_plot
from helpers.charts.labbe import labbe_plot
from helpers.charts.outlook import outlook_lines, tipping_chart
from helpers.charts.posterior import posterior_plot
from helpers.charts.radial import radial_plot
from helpers.charts.repeated_pooling import cumulative_plot, leave_one_out_plot
from helpers.charts.shift import shift_bars
from helpers.charts.specification_curve import specification_curve
from helpers.charts.sweep import threshold_sweep_plot
from helpers.charts.tiers import tier_plot
from helpers.charts.trajectories import trajectories
from helpers.charts.visits import visit_plot

__all__ = [
    "baujat_plot",
    "bias_summary",
    "bubble_plot",
    "change_scatter",
    "consort_diagram",
    "coverage_plot",
    "cumulative_plot",
    "data_behind",
    "drapery_plot",
    "flow_diagram",
    "forest_plot",
    "funnel_plot",
    "gosh_plot",
    "interactive_forest",
    "interval_plot",
    "labbe_plot",
    "leave_one_out_plot",
    "outlook_lines",
    "posterior_plot",
    "radial_plot",
    "shift_bars",
    "specification_curve",
    "threshold_sweep_plot",
    "tier_plot",
    "tipping_chart",
    "traffic_light",
    "trajectories",
    "visit_plot",
]
