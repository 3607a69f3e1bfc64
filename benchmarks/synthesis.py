"""Speed of helpers.synthesis beside R's metafor: `python benchmarks/synthesis.py` prints a table of ratios.

Where Rscript and metafor are found, R runs the same data on this machine; otherwise its times are the ones stored below,
of one idle machine, and the ratios only show the order of magnitude.
"""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.synthesis import gosh, pool, pool_many, tau2_interval

# Seconds, R 4.2.2 with metafor 3.8-1, see tests/oracle/README.md for the versions.
STORED = {
    "reml_13": 5.7e-3,
    "pm_13": 6.3e-3,
    "q_profile_13": 12.5e-3,
    "reml_1000": 2.9,
    "gosh_13": 48.7,
    "loop_5": 5.7e-3,
}
ASKED = {"reml_13": 15, "reml_1000": 1000, "gosh_13": 200, "loop_5": 50}
LABELS = {
    "reml_13": "REML, k = 13",
    "pm_13": "Paule-Mandel, k = 13",
    "q_profile_13": "REML with Q-profile limits, k = 13",
    "reml_1000": "REML, k = 1,000",
    "gosh_13": "GOSH with REML, all 8,191 subsets of 13 trials",
    "loop_5": "100,000 meta-analyses of k = 5, REML and Hartung-Knapp",
}
MANY = 100_000
R_SCRIPT = """
suppressMessages({library(metafor); library(jsonlite)})
d <- fromJSON(commandArgs(trailingOnly = TRUE)[[1]])
seconds <- function(n, f) min(replicate(3, system.time(for (i in seq_len(n)) f())[["elapsed"]] / n))
k13 <- function(m) rma(d$bcg$yi, d$bcg$vi, method = m)
out <- list(
  reml_13 = seconds(50, function() k13("REML")), pm_13 = seconds(50, function() k13("PM")),
  q_profile_13 = seconds(50, function() confint(k13("REML"))),
  reml_1000 = system.time(rma(d$large$yi, d$large$vi))[["elapsed"]],
  gosh_13 = system.time(gosh(k13("REML"), progbar = FALSE))[["elapsed"]],
  loop_5 = seconds(1, function() for (i in seq_len(200)) rma(d$small$yi[i, ], d$small$vi[i, ], test = "knha")) / 200)
cat(toJSON(out, auto_unbox = TRUE, digits = I(15)))
"""


def samples() -> dict[str, dict[str, np.ndarray]]:
    """The 13 trials of BCG vaccine, and made-up ones of 1,000 trials and of 100,000 times 5."""
    oracle = Path(__file__).parents[1] / "tests" / "oracle" / "bcg_RR.json"
    bcg = json.loads(oracle.read_text())
    random = np.random.default_rng(2026)

    def made_up(*shape: int) -> dict[str, np.ndarray]:
        vi = random.uniform(0.02, 0.4, shape)
        return {"yi": random.normal(0.3, np.sqrt(vi + 0.1)), "vi": vi}

    return {
        "bcg": {name: np.array(bcg[name]) for name in ("yi", "vi")},
        "large": made_up(1000),
        "small": made_up(MANY, 5),
    }


def seconds(call: Callable[[], object], times: int, rounds: int = 5) -> float:
    """The best round, for one call."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(times):
            call()
        best = min(best, (time.perf_counter() - start) / times)
    return best


def ours(data: dict[str, dict[str, np.ndarray]]) -> dict[str, float]:
    bcg, large, small = ((sample["yi"], sample["vi"]) for sample in data.values())
    return {
        "reml_13": seconds(lambda: pool(*bcg), 50, rounds=40),
        "pm_13": seconds(lambda: pool(*bcg, "PM"), 50, rounds=20),
        "q_profile_13": seconds(lambda: (pool(*bcg), tau2_interval(*bcg)), 50, rounds=20),
        "reml_1000": seconds(lambda: pool(*large), 50, rounds=20),
        "gosh_13": seconds(lambda: gosh(*bcg), 1, rounds=10),
        "loop_5": seconds(lambda: pool_many(*small), 1),
    }


def metafor(data: dict[str, dict[str, np.ndarray]]) -> tuple[dict[str, float], str]:
    """Seconds of R, and where they come from. loop_5 is one fit, to be taken 100,000 times."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return STORED, "stored figures of another machine (Rscript was not found)"
    few = data | {"small": {name: values[:200] for name, values in data["small"].items()}}
    with tempfile.TemporaryDirectory() as folder:
        script, file = Path(folder) / "speed.R", Path(folder) / "data.json"
        script.write_text(R_SCRIPT)
        file.write_text(json.dumps(few, default=lambda array: array.tolist()))
        run = subprocess.run([rscript, str(script), str(file)], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        reason = (run.stderr.strip().splitlines() or ["no message"])[-1]
        return STORED, f"stored figures of another machine (Rscript failed: {reason})"
    return json.loads(run.stdout), "metafor on this machine, in this run"


def table() -> tuple[pd.DataFrame, str]:
    data = samples()
    theirs, origin = metafor(data)
    theirs = theirs | {"loop_5": theirs["loop_5"] * MANY}
    here = ours(data)
    rows = {
        LABELS[name]: {
            "metafor": f"{1e3 * theirs[name]:,.1f} ms",
            "helpers": f"{1e3 * here[name]:,.3f} ms",
            "times faster": f"{theirs[name] / here[name]:,.0f}",
            "asked for": f"{ASKED[name]:,}" if name in ASKED else "",
        }
        for name in LABELS
    }
    return pd.DataFrame.from_dict(rows, orient="index"), origin


if __name__ == "__main__":
    frame, origin = table()
    print(frame.to_string())
    print(f"R: {origin}; the loop over 100,000 is extrapolated from one fit.")
