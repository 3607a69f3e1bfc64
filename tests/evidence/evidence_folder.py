"""A small valid data folder, and tools to plant faults in it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from helpers.evidence import Fault, check

ALPHA = "trials/alpha/results.csv"
BETA = "trials/beta/results.csv"

RESULT_COLUMNS = [
    *("report", "outcome", "variable", "arm", "comparator", "visit", "day", "population", "statistic"),
    *("level", "qualifier", "value", "unit", "method", "source", "locator", "kind", "note"),
]

EDITION = """\
edition = "2026.1"
date = 2026-11-21
title = "A review"
question = "Does it help?"
"""

OUTCOMES = """\
id,name,abbreviation,type,domain,min,max,step,direction,unit,mcid,mcid_source,from_outcome,from_levels,description
mrs,modified Rankin Scale,mRS,ordinal,disability,0,6,1,lower,points,,,,,Disability
nihss,NIH Stroke Scale,NIHSS,ordinal,neurological,0,42,1,lower,points,,,,,Deficit
barthel,Barthel Index,BI,continuous,activities,0,100,5,higher,points,9.25,doe2020,,,Daily activities
death,Death,,binary,safety,,,,lower,%,,,mrs,6,Death from any cause
sae,Serious adverse events,SAE,events,safety,0,,1,lower,events,,,,,Events
age,Age,,characteristic,baseline,0,120,,none,years,,,,,Age at entry
"""

SYNTHESES = """\
id,title,headline,question,outcomes,measure,day_from,day_to,day_target,comment
death,Death,Survival,Do fewer die?,death,RR,30,365,90,
activities,Activities,,Do they manage?,barthel nihss,SMD,30,365,90,
"""

SEARCH = """\
record,label,source,status,reason,report,trial
1,Doe 2020,folder,included,,doe-2020,alpha
2,Doe 2020 again,folder,duplicate,same paper,doe-2020,alpha
3,Roe 2019,folder,included,,roe-2019,beta
4,Poe 2018,folder,excluded,not a trial,,
"""

GLOSSARY = """\
abbreviation,meaning
mRS,modified Rankin Scale
BI,Barthel Index
"""

REFERENCES = """\
@article{doe2020,
  author = {Doe, Jane-Ann and Bloggs, J. B. and M{\\"u}ller, Eva Maria},
  title = {A trial of {MSC}},
  journal = {Stroke},
  year = {2020},
  volume = {51},
  number = {2},
  pages = {100--107},
  doi = {10.1000/Alpha},
}

@article{roe2019,
  author = {Roe, Richard and van der Berg, Piet},
  title = {Cells in one arm},
  journal = {Neurology},
  year = {2019},
  doi = {10.1000/beta},
}
"""

ALPHA_TRIAL = """\
id = "alpha"
name = "ALPHA"
title = "Cells against usual care"
population_class = "iv-msc"
design = "randomised"
status = "completed"
registry = "NCT00000001"
year = 2020
conflicts = ["The abstract and the table differ."]

[[arms]]
id = "cells"
label = "Cells"
role = "experimental"
n_randomised = 11
n_analysed = 10

[[arms]]
id = "control"
label = "Usual care"
role = "control"
n_analysed = 10

[[reports]]
id = "doe-2020"
citation = "doe2020"
kind = "main"
label = "Doe 2020"

[facts.dose]
value = "one million cells per kg"
source = "doe2020"
locator = "abstract"
kind = "primary"
"""

BETA_TRIAL = """\
id = "beta"
name = "BETA"
title = "Cells in one arm"
population_class = "near-relative"
design = "single-arm"
status = "completed"
year = 2019

[[arms]]
id = "cells"
label = "Cells"
role = "experimental"
n_analysed = 8

[[reports]]
id = "roe-2019"
citation = "roe2019"
kind = "main"
label = "Roe 2019"
"""

UNITS = {"n": "patients", "events": "patients", "count": "patients", "event_count": "events", "percent": "%"}
SCALE_UNITS = {"mrs": "points", "nihss": "points", "barthel": "points", "death": "%", "age": "years"}


def bias(tool: str, domains: int, source: str) -> str:
    names = [*(f"D{number}" for number in range(1, domains + 1)), "overall"]
    rows = [f"{tool},{name},low,The report says how.,{source},abstract" for name in names]
    return "\n".join(["tool,domain,judgement,ground,source,locator", *rows]) + "\n"


def result(outcome: str, arm: str, statistic: str, value: object, **cells: str) -> dict[str, str]:
    """One row of results.csv at day 90 of trial alpha, with the right unit; cells overrides any column."""
    unitless = statistic in ("p", "p_adjusted", "proportion", "direction")
    row = dict.fromkeys(RESULT_COLUMNS, "") | {
        "report": "doe-2020",
        "outcome": outcome,
        "variable": "value",
        "arm": arm,
        "visit": "3 months",
        "day": "90",
        "population": "itt",
        "statistic": statistic,
        "value": str(value),
        "unit": "" if unitless else UNITS.get(statistic, SCALE_UNITS.get(outcome, "")),
        "source": "doe2020",
        "locator": "table 2",
        "kind": "primary",
    }
    return row | cells


def alpha_results() -> list[dict[str, str]]:
    rows = []
    for arm, mean, counts in (("cells", "70.5", (1, 2, 2, 2, 1, 1, 1)), ("control", "60.0", (0, 1, 2, 2, 2, 1, 2))):
        rows += [result("barthel", arm, "n", 10), result("barthel", arm, "mean", mean)]
        rows += [result("barthel", arm, "sd", "20.1"), result("barthel", arm, "min", "35")]
        rows += [result("barthel", arm, "median", "67.5"), result("barthel", arm, "max", "100")]
        rows += [result("mrs", arm, "n", 10)]
        rows += [result("mrs", arm, "count", count, level=str(level)) for level, count in enumerate(counts)]
        rows += [result("death", arm, "n", 10), result("death", arm, "events", counts[-1])]
        rows += [result("death", arm, "percent", 10 * counts[-1])]
    rows += [result("barthel", "cells", "p", "0.040", comparator="control", method="wilcoxon")]
    rows += [result("barthel", "cells", "estimate", "10.5", comparator="control")]
    rows += [result("barthel", "cells", "ci_low", "0.5", comparator="control")]
    rows += [result("barthel", "cells", "ci_high", "20.5", comparator="control")]
    rows += [result("barthel", "cells", "direction", "1", comparator="control")]
    return rows


def beta_results() -> list[dict[str, str]]:
    beta = {"report": "roe-2019", "source": "roe2019"}
    return [
        result("nihss", "cells", "n", 8, variable="change", **beta),
        result("nihss", "cells", "mean", "-2.1", variable="change", **beta),
        result("nihss", "cells", "p", "0.001", variable="change", qualifier="<", **beta),
        result("sae", "cells", "n", 8, **beta),
        result("sae", "cells", "event_count", 3, **beta),
        result("age", "all", "n", 8, day="0", visit="baseline", **beta),
        result("age", "all", "mean", "61.2", day="0", visit="baseline", **beta),
    ]


class DataFolder:
    """A data folder that can be damaged in one place at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, file: str, content: str | bytes) -> None:
        target = self.path / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())

    def read(self, file: str) -> str:
        return (self.path / file).read_bytes().decode()

    def replace(self, file: str, old: str, new: str) -> None:
        text = self.read(file)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        self.write(file, text.replace(old, new))

    def line_of(self, file: str, text: str) -> int:
        """Line number of the only line with this text."""
        found = [number for number, line in enumerate(self.read(file).split("\n"), start=1) if text in line]
        assert len(found) == 1, f"{text!r} stands in lines {found} of {file}"
        return found[0]

    def write_rows(self, file: str, rows: list[dict[str, str]]) -> None:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        self.write(file, text.getvalue())

    def rows(self, file: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.read(file), newline="")))

    def row_of(self, file: str, **cells: str) -> int:
        """Line of the only row with these cells."""
        rows = enumerate(self.rows(file), start=2)
        found = [row for row, its in rows if all(its[column] == value for column, value in cells.items())]
        assert len(found) == 1, f"{cells} stands in rows {found} of {file}"
        return found[0]

    def change(self, file: str, row: int, **cells: str) -> int:
        rows = self.rows(file)
        rows[row - 2].update(cells)
        self.write_rows(file, rows)
        return row

    def add(self, file: str, row: dict[str, str]) -> int:
        rows = [*self.rows(file), row]
        self.write_rows(file, rows)
        return len(rows) + 1

    def remove(self, file: str, row: int) -> None:
        rows = self.rows(file)
        del rows[row - 2]
        self.write_rows(file, rows)

    def faults(self) -> list[Fault]:
        return check(self.path)

    def only_fault(self) -> Fault:
        """The one fault of the folder: a planted fault must not show as two, nor bring others up."""
        faults = self.faults()
        assert len(faults) == 1, "\n".join(map(str, faults)) or "no fault found"
        return faults[0]

    def expect(self, file: str, row: int, column: str, *words: str) -> None:
        """The folder has one fault: at this place, with these words in its message."""
        fault = self.only_fault()
        assert (fault.file, fault.row, fault.column) == (file, row, column), str(fault)
        missing = [word for word in words if word not in str(fault)]
        assert not missing, f"{missing} not in: {fault}"


def write_valid_folder(path: Path) -> DataFolder:
    folder = DataFolder(path)
    folder.write("README.md", "# Data\n")
    folder.write("edition.toml", EDITION)
    folder.write("outcomes.csv", OUTCOMES)
    folder.write("syntheses.csv", SYNTHESES)
    folder.write("search.csv", SEARCH)
    folder.write("glossary.csv", GLOSSARY)
    folder.write("references.bib", REFERENCES)
    folder.write("trials/alpha/trial.toml", ALPHA_TRIAL)
    folder.write("trials/alpha/bias.csv", bias("RoB 2", 5, "doe2020"))
    folder.write_rows(ALPHA, alpha_results())
    folder.write("trials/beta/trial.toml", BETA_TRIAL)
    folder.write("trials/beta/bias.csv", bias("ROBINS-I", 7, "roe2019"))
    folder.write_rows(BETA, beta_results())
    return folder
