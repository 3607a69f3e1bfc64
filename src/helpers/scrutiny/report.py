"""The ledger as plain text, for a terminal."""

from __future__ import annotations

import textwrap

import pandas as pd

from helpers.scrutiny.finding import STATUSES

WIDTH = 100


def status_line(status: pd.Series) -> str:
    """`40 claims: reproduced 12, consistent 20, conflicts 1, not checkable 7`."""
    counts = status.value_counts()
    found = ", ".join(f"{name} {counts[name]}" for name in STATUSES if name in counts)
    return f"{len(status)} {'claim' if len(status) == 1 else 'claims'}: {found}" if found else "no claim"


def claims_report(entries: pd.DataFrame) -> str:
    """The ledger entry by entry: the statement, its status and why, what was recomputed and under which assumption."""
    blocks = []
    for entry in entries.itertuples():
        lines = [entry.reason]
        lines += [f"Recomputed: {entry.recomputed}."] if entry.recomputed else []
        lines += [f"Assumption: {entry.assumption}."] if entry.assumption else []
        lines += [entry.resolution] if entry.resolution else []
        head = textwrap.fill(f"{entry.status.upper()}  {entry.statement}", WIDTH, subsequent_indent="  ")
        blocks.append(
            "\n".join([head, *(textwrap.indent(textwrap.fill(line, WIDTH - 4), "    ") for line in lines if line)])
        )
    return "\n".join([*blocks, "", status_line(entries["status"])])
