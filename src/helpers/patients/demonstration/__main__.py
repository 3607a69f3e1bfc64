"""Write the demonstration patients of all trials anew."""

from helpers import paths
from helpers.evidence import load
from helpers.patients.demonstration import TRIALS, write

if __name__ == "__main__":
    evidence = load(paths.data())
    for trial in TRIALS:
        write(trial, evidence, paths.data())
