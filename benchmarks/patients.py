"""A longitudinal chapter for 100, 1,000 and 10,000 patients: `python benchmarks/patients.py` prints time and peak memory.

Each trial is generated (two arms, ten visits, four outcomes, a tenth of the scores missing, a third of the patients
leaving early, adverse events), written as the three CSV files, and read, checked and analysed by the chapter's own notebook
in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import paths

SIZES = (100, 1_000, 10_000)
ASKED_SECONDS, ASKED_GIGABYTES = 60, 2
DAYS = (0, 30, 60, 90, 120, 180, 270, 365, 545, 730)
OUTCOMES = {
    "BI": (40, 5, 0, 100, 5),
    "NIHSS": (14, -1.0, 0, 42, 1),
    "MNIHSS": (7, -0.5, 0, 16, 1),
    "FMAMOT": (35, 4, 0, 100, 1),
}
NOTEBOOK = "longitudinal.ipynb"
TRIAL = "large"

TOML = """\
id = "large"
name = "LARGE"
title = "A generated trial"
population_class = "iv-msc"
design = "randomised"
status = "completed"
year = 2026
conflicts = []

[[arms]]
id = "msc"
label = "Cells"
role = "experimental"

[[arms]]
id = "control"
label = "No cells"
role = "control"

[[reports]]
id = "large-2026"
citation = "large2026"
kind = "main"
label = "Large 2026"

[patients]
demonstration = true
"""
RESULTS = """\
report,outcome,variable,arm,comparator,visit,day,population,statistic,level,qualifier,value,unit,method,source,locator,kind,note
large-2026,feasibility,value,msc,,treatment,0,itt,n,,,10,patients,,large2026,abstract,primary,
"""
REFERENCE = (
    "\n@article{large2026, author = {Large, Ann}, title = {A generated trial}, year = {2026}, journal = {None}}\n"
)


def write_trial(folder: Path, n: int) -> None:
    """The shipped data, and beside them the patients of one more trial."""
    shutil.copytree(paths.data(), folder, dirs_exist_ok=True)
    place = folder / "trials" / TRIAL / "patients"
    place.mkdir(parents=True)
    (place.parent / "trial.toml").write_text(TOML, encoding="utf-8")
    (place.parent / "results.csv").write_text(RESULTS, encoding="utf-8")
    (place.parent / "bias.csv").write_text("tool,domain,judgement,ground,source,locator\n", encoding="utf-8")
    with (folder / "references.bib").open("a", encoding="utf-8") as references:
        references.write(REFERENCE)
    for name, frame in tables(n).items():
        frame.to_csv(place / f"{name}.csv", index=False)


def tables(n: int) -> dict[str, pd.DataFrame]:
    """adsl, adqs and adae of n patients; the same for the same n."""
    random = np.random.default_rng(n)
    ids = np.array([f"P{i:06d}" for i in range(n)])
    planned = random.permutation(np.where(np.arange(n) % 3 == 0, "control", "msc"))
    actual = np.where((planned == "msc") & (random.random(n) < 0.05), "control", planned)
    last = np.where(random.random(n) < 1 / 3, random.integers(60, 730, n), 730)
    adsl = pd.DataFrame(
        {"USUBJID": ids, "TRT01P": planned, "TRT01A": actual, "ITTFL": "Y", "SAFFL": "Y",
         "AGE": random.integers(40, 85, n), "SEX": random.choice(["F", "M"], n),
         "EOSSTT": np.where(last < 730, "DISCONTINUED", "COMPLETED"),
         "DCSREAS": np.where(last < 730, "LOST TO FOLLOW-UP", ""), "EOSDY": last}
    )  # fmt: skip
    parts = []
    for code, (start, gain, low, high, step) in OUTCOMES.items():
        course = start + gain * np.log1p(np.array(DAYS) / 30)
        own = random.normal(size=(n, 1)) * start / 4 + random.normal(size=(n, len(DAYS))).cumsum(axis=1) * start / 12
        values = course + own + gain * 0.3 * (actual == "msc")[:, None] * (np.array(DAYS) > 0)
        values = np.clip(np.round(values / step) * step, low, high)
        seen = (np.array(DAYS) <= last[:, None]) & ((random.random(values.shape) > 0.1) | (np.array(DAYS) == 0))
        patient, visit = np.nonzero(seen)
        base = values[patient, 0]
        parts.append(
            pd.DataFrame(
                {"USUBJID": ids[patient], "PARAMCD": code, "AVISIT": [f"Day {DAYS[v]}" for v in visit],
                 "AWTARGET": np.array(DAYS)[visit], "ADY": np.array(DAYS)[visit], "AVAL": values[patient, visit], "BASE": base,
                 "CHG": np.where(visit == 0, np.nan, values[patient, visit] - base), "ABLFL": np.where(visit == 0, "Y", "")}
            )
        )  # fmt: skip
    events = random.poisson(0.8 * last / 730)
    who = np.repeat(np.arange(n), events)
    adae = pd.DataFrame(
        {"USUBJID": ids[who], "AEDECOD": random.choice(["Headache", "Fall", "Infection"], len(who)),
         "AESER": random.choice(["N", "Y"], len(who), p=[0.85, 0.15]), "AEREL": "NOT RELATED",
         "AETOXGR": random.integers(1, 4, len(who)), "ASTDY": (random.random(len(who)) * last[who]).astype(int) + 1}
    )  # fmt: skip
    return {"adsl": adsl, "adqs": pd.concat(parts, ignore_index=True), "adae": adae}


def run_notebook() -> dict[str, float]:
    """Run the cells as a kernel does, with the outputs made as a page stores them."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    cells = json.loads((paths.BOOK / NOTEBOOK).read_text(encoding="utf-8"))["cells"]
    size, start = 0, time.perf_counter()
    for cell in (cell for cell in cells if cell["cell_type"] == "code"):
        source = "".join(cell["source"])
        if "parameters" in cell["metadata"]["tags"]:
            source = source.replace('trial = "isis-hermes"', f'trial = "{TRIAL}"')
        with capture_output() as caught:
            result = shell.run_cell(source)
        result.raise_error()
        size += sum(len(str(part)) for output in caught.outputs for part in output.data.values())
    took = time.perf_counter() - start
    return {
        "seconds": took,
        "processor": time.process_time(),
        "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "megabytes": size / 1e6,
    }


def measured(n: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        write_trial(Path(name), n)
        done = subprocess.run(
            [sys.executable, __file__, "--child"], env=paths_environment(name), capture_output=True, text=True
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def paths_environment(folder: str) -> dict[str, str]:
    one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    return {**os.environ, **one_thread, paths.DATA_VARIABLE: folder}


def table(sizes: tuple[int, ...] = SIZES) -> pd.DataFrame:
    rows: list[list[str | float]] = []
    first = 0.0
    for n in sizes:
        found = measured(n)
        first = first or found["processor"]
        rows.append(
            [
                f"{n:,}",
                len(DAYS),
                found["seconds"],
                found["processor"],
                found["processor"] / first,
                found["gigabytes"],
                found["megabytes"],
            ]
        )
    frame = pd.DataFrame(
        rows, columns=["patients", "visits", "seconds", "of the processor", "times the first", "peak GB", "page MB"]
    )
    return frame.round({"seconds": 1, "of the processor": 1, "times the first": 1, "peak GB": 2, "page MB": 2})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    if parser.parse_args().child:
        print(json.dumps(run_notebook()))
    else:
        print(
            "seconds: start to end of the notebook, imports among them; of the processor: without waiting for other work"
        )
        print(f"asked for 10,000 patients: under {ASKED_SECONDS} s and {ASKED_GIGABYTES} GB")
        print(table().to_string(index=False))
