"""Claims that follow from a trial's results alone: the checks every set of reported numbers can be given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

_GROUP = ["report", "outcome", "variable", "arm", "comparator", "day", "population"]


def routine_claims(results: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Claims about the printed numbers of one trial, in the columns of claims.csv.

    results: as in `Evidence.results`, of one trial; outcomes: as in `Evidence.outcomes`. Level counts are added up to the
    number of patients, percentages are compared with it, means are given to GRIM where the scale has a step, and SDs
    are held against the range of the scale. Numbers that nobody printed (derived, or computed from patients) are left out, and
    so are imputed means and shares, which may be averages over imputations. `row` is the line in results.csv.
    """
    printed = results[~results["kind"].isin(["derived", "patients"])]
    claims = [
        claim
        for _, rows in printed.groupby(_GROUP, sort=False)
        for claim in _claims(rows, outcomes.loc[rows["outcome"].iloc[0]])
    ]
    columns = ["claim", "report", "statement", "value", "check", "inputs", "source", "locator", "kind"]
    frame = pd.DataFrame(claims, columns=["row", *columns]).astype(dict.fromkeys(columns, "str") | {"row": "int64"})
    return frame.assign(assumption="", inputs_source="", inputs_kind="", note="")


def _claims(rows: pd.DataFrame, outcome: pd.Series) -> Iterator[dict[str, Any]]:
    printed = rows.drop_duplicates("statistic").set_index("statistic")["printed"]
    if "n" not in printed:
        return

    def claim(row: pd.Series, check: str, **inputs: str) -> dict[str, Any]:
        change = " (change)" if row["variable"] == "change" else ""
        where = ", ".join(text for text in (outcome["name"] + change, row["arm"], row["visit"]) if text)
        return {
            "row": row["row"],
            "claim": f"row-{row['row']}-{check}",
            "statement": f"{where}: {row['statistic']} {row['printed']}",
            "value": row["qualifier"] + row["printed"],
            "check": check,
            "inputs": "; ".join(f"{name}={text}" for name, text in inputs.items()),
            **{name: row[name] for name in ("report", "source", "locator", "kind")},
        }

    counts = rows[rows["statistic"] == "count"]
    observed = rows["population"].iloc[0] != "imputed"
    for _, row in rows.iterrows():
        match row["statistic"]:
            case "n" if len(counts):
                yield claim(row, "sum", parts=" ".join(counts["printed"]))
            case "percent" if observed:
                events = {"k": printed["events"]} if "events" in printed else {}
                yield claim(row, "percent", **events, n=printed["n"])
            case "mean" if observed and outcome["step"] > 0:
                yield claim(row, "grim", n=printed["n"], step=f"{outcome['step']:g}")
            case "sd" if "mean" in printed and row["variable"] == "value" and outcome["max"] > outcome["min"]:
                limits = {"min": f"{outcome['min']:g}", "max": f"{outcome['max']:g}"}
                yield claim(row, "sd-limits", n=printed["n"], mean=printed["mean"], **limits)
