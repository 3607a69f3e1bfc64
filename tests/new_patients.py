"""The patients of a made-up trial that the project has never seen, as a team would send them: three SAS transport files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat

ARMS = ("Placebo", "MSC 1.0")
VISITS = {"Baseline": 0, "Month 1": 30, "Month 3": 90, "Month 6": 180}
SCALES = {"FMAMOT": (100, 1), "BI": (100, 5), "MRS": (5, 1)}


def write(folder: Path, patients: int = 80) -> Path:
    """Write adsl.xpt, adqs.xpt and adae.xpt, the same on every machine, and return the folder."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(20261121)
    ids = [f"NOVA-{number:03d}" for number in range(1, patients + 1)]
    arm = np.array(ARMS)[np.arange(patients) % 2]
    adsl = pd.DataFrame(
        {
            "USUBJID": ids,
            "TRT01P": arm,
            "TRT01A": np.where(np.arange(patients) == 3, ARMS[0], arm),
            "ITTFL": "Y",
            "SAFFL": "Y",
            "AGE": random.integers(40, 80, patients),
            "SEX": random.choice(["M", "F"], patients),
            "EOSSTT": "COMPLETED",
            "DCSREAS": "",
            "EOSDY": random.integers(178, 190, patients),
            "DTHFL": "",
        }
    )
    tables = {"adsl": adsl, "adqs": _measured(random, ids, arm == ARMS[1]), "adae": _events(random, ids)}
    for name, frame in tables.items():
        pyreadstat.write_xport(frame, str(folder / f"{name}.xpt"), table_name=name.upper(), file_format_version=5)
    return folder


def _measured(random: np.random.Generator, ids: list[str], cells: np.ndarray) -> pd.DataFrame:
    frames = []
    for code, (top, step) in SCALES.items():
        better = -1 if code == "MRS" else 1
        share = np.clip(random.normal(0.7 if code == "MRS" else 0.4, 0.15, len(ids)), 0, 1)
        base = np.round(share * top / step) * step
        for visit, day in VISITS.items():
            gain = (0.1 + 0.12 * cells) * np.sqrt(day / 180) + random.normal(0, 0.08, len(ids)) * (day > 0)
            value = np.round(np.clip(share + better * gain, 0, 1) * top / step) * step if day else base
            frames.append(
                pd.DataFrame(
                    {
                        "USUBJID": ids,
                        "PARAMCD": code,
                        "AVISIT": visit,
                        "AWTARGET": day,
                        "ADY": day + 1,
                        "AVAL": value,
                        "BASE": base,
                        "CHG": value - base,
                        "ABLFL": "" if day else "Y",
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def _events(random: np.random.Generator, ids: list[str]) -> pd.DataFrame:
    number = len(ids) // 2
    return pd.DataFrame(
        {
            "USUBJID": random.choice(ids, number),
            "AEDECOD": random.choice(["Headache", "Urinary tract infection", "Seizure"], number),
            "AESER": random.choice(["Y", "N"], number, p=[0.3, 0.7]),
            "AEREL": random.choice(["RELATED", "NOT RELATED"], number, p=[0.1, 0.9]),
            "AETOXGR": random.integers(1, 5, number),
            "ASTDY": random.integers(1, 170, number),
        }
    )
