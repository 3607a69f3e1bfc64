"""Risk of bias beside the rows of a forest plot: the result and how far to trust it, in one look."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from helpers.charts import theme
from helpers.charts.bias import DOMAINS, JUDGEMENTS
from helpers.charts.figure import black_or_white, inline
from helpers.charts.rows import RowFrame

SIGN_AREA = 330
LETTER_PX = 9
HEADING_PX = 11


def judged_domains(rows: pd.DataFrame) -> list[str]:
    """The columns of `rows` that hold judgements, overall last. Raises ValueError for an unknown judgement."""
    every = dict.fromkeys(domain for domains in DOMAINS.values() for domain in domains if domain != "overall")
    found = [domain for domain in (*every, "overall") if domain in rows]
    for domain in found:
        unknown = [value for value in rows[domain].dropna() if value not in JUDGEMENTS]
        if unknown:
            raise ValueError(f"unknown judgement {unknown[0]!r} in {domain}; allowed: {', '.join(JUDGEMENTS)}")
    if found and "overall" not in found:
        raise ValueError("a phone has room for the overall judgement only: give it in the column overall")
    return found


def meanings(rows: pd.DataFrame, domains: Sequence[str]) -> str:
    """What the letters mean, of those that occur: "L low, H high"."""
    present = {value for domain in domains for value in rows[domain].dropna()}
    return ", ".join(f"{mark.letters} {name}" for name, mark in JUDGEMENTS.items() if name in present)


def bias_signs(placed: pd.DataFrame, domains: Sequence[str], frame: RowFrame) -> list[alt.Chart]:
    """A sign with its letters for each judgement, at the right of the plot. placed: rows with y in px."""
    cells = [
        {
            "y": row["y"],
            "column": column,
            "letters": JUDGEMENTS[row[domain]].letters,
            "colour": JUDGEMENTS[row[domain]].colour,
            "shape": JUDGEMENTS[row[domain]].shape,
            "ink": theme.readable_on(JUDGEMENTS[row[domain]].colour),
        }
        for row in placed.to_dict("records")
        for column, domain in enumerate(domains)
        if isinstance(row[domain], str)
    ]
    if not cells:
        return []
    x, shown = alt.value(alt.ExprRef(frame.sign_x)), frame.sign_shown
    base = alt.Chart(inline(pd.DataFrame(cells)))
    signs = base.mark_point(filled=True, size=SIGN_AREA).encode(
        x=x,
        y=frame.y(),
        opacity=alt.value(alt.ExprRef(f"{shown} ? 1 : 0")),
        color=alt.Color("colour:N", scale=None, legend=None),
        shape=alt.Shape("shape:N", scale=None, legend=None),
    )
    letters = base.mark_text(fontWeight="bold", fontSize=LETTER_PX, baseline="middle").encode(
        x=x, y=frame.y(), text=alt.value(alt.ExprRef(f"{shown} ? datum.letters : ''")), color=black_or_white("ink")
    )
    alone = f"datum.column === {len(domains) - 1} && !({frame.all_signs})"
    names = pd.DataFrame({"y": frame.top / 2, "column": range(len(domains)), "name": [*domains[:-1], "All"]})
    headings = (
        alt.Chart(inline(names))
        .mark_text(fontWeight="bold", fontSize=HEADING_PX, baseline="middle")
        .encode(x=x, y=frame.y(), text=alt.value(alt.ExprRef(f"{alone} ? 'Bias' : {shown} ? datum.name : ''")))
    )
    return [signs, letters, headings]
