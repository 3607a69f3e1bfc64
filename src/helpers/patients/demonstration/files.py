"""Write demonstration patients: the same bytes on every machine."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.patients.demonstration.frames import Frames, Matrices

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of zip files, which want a date
PLACES = 3


def contents(frames: Frames, about: str) -> dict[str, bytes]:
    """Each file below a trial's `patients` folder and what is in it. about: the text of demonstration.toml."""
    files = {f"{name}.csv": csv_bytes(getattr(frames, name)) for name in ("adsl", "adqs", "adae")}
    if frames.regions is not None and frames.matrices:
        files["imaging/regions.csv"] = csv_bytes(frames.regions)
        files["imaging/connectivity.npz"] = npz_bytes(frames.matrices)
    return files | {"demonstration.toml": about.encode()}


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """UTF-8, comma separated, a newline a row; numbers with at most three decimals and no more than they need."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(frame.columns)
    columns = [[_cell(value) for value in frame[name].tolist()] for name in frame.columns]
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode()


def npz_bytes(matrices: Matrices) -> bytes:
    """What numpy.load reads: an array `<USUBJID>_day<day>` a matrix, uncompressed, without a time or an operating system."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for (patient, day), matrix in sorted(matrices.items()):
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(matrix, dtype="<f8"), version=(1, 0))
            info = zipfile.ZipInfo(f"{patient}_day{day}.npy", FIRST_DAY)
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, member.getvalue())
    return stream.getvalue()


def write(files: dict[str, bytes], folder: Path) -> None:
    """Put the files into the folder, which is made where there is none; other files in it stay."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _cell(value: object) -> str:
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return f"{value:.{PLACES}f}".rstrip("0").rstrip(".") if value else "0"
    return str(value)
