"""The shipped evidence with made-up deaths in further trials, so that five trials answer one question."""

from __future__ import annotations

import dataclasses

import pandas as pd

from helpers import evidence
from helpers.evidence import Evidence

DEATHS = {  # trial -> arm -> (patients with the event, patients)
    "starting-2": {"msc": (2, 39), "control": (3, 15)},
    "isis-hermes": {"msc": (1, 16), "control": (1, 15)},
    "bang-2005": {"msc": (1, 5), "control": (4, 25)},
    "starting-2010": {"msc": (4, 16), "control": (21, 36)},
    "amascis-01": {"msc": (0, 4), "placebo": (1, 9)},
}


def five_trials() -> Evidence:
    """Evidence in which the synthesis `death` has five trials of intravenous cells, three of them made up."""
    review = evidence.load()
    pattern = review.results[
        (review.results["trial"] == "starting-2010") & (review.results["outcome"] == "death")
    ].iloc[0]
    rows = [
        pattern.to_dict() | {"trial": trial, "report": trial, "arm": arm, "statistic": statistic, "value": float(value)}
        for trial, arms in DEATHS.items()
        for arm, numbers in arms.items()
        for statistic, value in zip(("events", "n"), numbers, strict=True)
    ]
    others = review.results[review.results["outcome"] != "death"]
    return dataclasses.replace(review, results=pd.concat([others, pd.DataFrame(rows)], ignore_index=True))
