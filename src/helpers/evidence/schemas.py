"""pandera schemas of the CSV files: what each cell may hold, whatever stands in the other cells of its row.

All cells are text here, as printed in the file, so that a faulty one can be shown as it stands there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrorReason, SchemaErrors

from helpers.evidence import printed
from helpers.evidence.faults import Fault, one_of
from helpers.evidence.vocabulary import (
    ANALYSIS_POPULATIONS,
    BIAS_TOOLS,
    CERTAINTY_STARTS,
    CERTAINTY_STEPS,
    DIRECTIONS,
    DOMAINS,
    MEASURES,
    OUTCOME_TYPES,
    QUALIFIERS,
    READ_KINDS,
    SEARCH_STATUSES,
    STATISTICS,
    VARIABLES,
)

Schema = dict[str, list[pa.Check]]


def column_faults(cells: pd.DataFrame, schema: Schema) -> list[Fault]:
    """Check every cell in one pass.

    cells: text columns, and `file` and `row`, which place each fault. None, the mark of a column that the file
    lacks, is not judged.
    """
    columns = {name: pa.Column(None, checks, nullable=True) for name, checks in schema.items()}
    try:
        pa.DataFrameSchema(columns).validate(cells, lazy=True)
    except SchemaErrors as errors:
        return [fault for error in errors.schema_errors for fault in _faults(cells, error)]
    return []


def _faults(cells: pd.DataFrame, error: pa.errors.SchemaError) -> list[Fault]:
    if error.reason_code is not SchemaErrorReason.DATAFRAME_CHECK:  # a mistake in a schema, not in the data
        raise error
    check, column = error.check, error.schema.name
    allowed = check.statistics["allowed"]
    faulty = cells.loc[error.failure_cases["index"], ["file", "row", column]]
    return [
        Fault(file, int(row), column, check.title, value, allowed if isinstance(allowed, str) else allowed(value))
        for file, row, value in faulty.itertuples(index=False, name=None)
    ]


def outcomes_schema(sources: frozenset[str] | None) -> Schema:
    """sources: keys of references.bib, or None where they could not be read."""
    return {
        "id": [_stated(), _matches("[a-z0-9-]+", "unsuitable id", "lower-case letters, digits and hyphens")],
        "name": [_stated()],
        "paramcd": [
            _matches("[A-Z][A-Z0-9]{0,7}", "unsuitable code", "a capital letter, then at most 7 capitals or digits")
        ],
        "type": [_stated(), _among("type", OUTCOME_TYPES)],
        "domain": [_stated(), _among("domain", DOMAINS)],
        "min": [_number()],
        "max": [_number()],
        "step": [_number()],
        "direction": [_stated(), _among("direction", DIRECTIONS)],
        "mcid": [_number()],
        "mcid_source": _source(sources),
    }


def syntheses_schema() -> Schema:
    return {
        "id": [_stated(), _matches("[a-z0-9-]+", "unsuitable id", "lower-case letters, digits and hyphens")],
        "title": [_stated()],
        "outcomes": [_stated()],
        "measure": [_stated(), _among("measure", MEASURES)],
        "day_from": _day(),
        "day_to": _day(),
        "day_target": _day(),
    }


def search_schema() -> Schema:
    return {"record": [_stated()], "label": [_stated()], "status": [_stated(), _among("status", SEARCH_STATUSES)]}


def glossary_schema() -> Schema:
    return {"abbreviation": [_stated()], "meaning": [_stated()]}


def results_schema(
    outcomes: frozenset[str] | None, sources: frozenset[str] | None, kinds: tuple[str, ...] = READ_KINDS
) -> Schema:
    """outcomes: ids of outcomes.csv; sources: keys of references.bib; None where they could not be read."""
    return {
        "report": [_stated()],
        "outcome": [_stated(), *_known("outcome", outcomes)],
        "variable": [_stated(), _among("variable", VARIABLES)],
        "arm": [_stated()],
        "visit": [_stated()],
        "day": _day(),
        "population": [_stated(), _among("population", ANALYSIS_POPULATIONS)],
        "statistic": [_stated(), _among("statistic", STATISTICS)],
        "qualifier": [_among("qualifier", QUALIFIERS)],
        "value": [_stated(), _number()],
        "source": [_stated(), *_source(sources)],
        "locator": [_stated()],
        "kind": [_stated(), _among("kind", kinds)],
    }


def bias_schema(sources: frozenset[str] | None) -> Schema:
    return {
        "tool": [_stated(), _among("tool", BIAS_TOOLS)],
        "domain": [_stated()],
        "judgement": [_stated()],
        "ground": [_stated()],
        "source": _source(sources),
    }


def certainty_schema() -> Schema:
    return {
        "synthesis": [_stated()],
        "trials": [_stated()],
        "start": [_stated(), _among("start", CERTAINTY_STARTS)],
        "domain": [_stated(), _among("domain", CERTAINTY_STEPS)],
        "step": [_stated()],
        "ground": [_stated()],
    }


def claims_schema(sources: frozenset[str] | None) -> Schema:
    """sources: keys of references.bib; None for a claims file outside a data folder, which needs no source."""
    text = [_stated()] if sources is not None else []
    return {
        "claim": [_stated(), _matches("[a-z0-9.-]+", "unsuitable id", "lower-case letters, digits, dots and hyphens")],
        "report": text,
        "statement": [_stated()],
        "value": [_stated()],
        "source": [*text, *_source(sources)],
        "locator": text,
        "kind": [*text, _among("kind", READ_KINDS)],
        "inputs_source": _sources(sources),
        "inputs_kind": [_among("kind", READ_KINDS)],
    }


def _rule(holds: Callable[[pd.Series], pd.Series], problem: str, allowed: str | Callable[[str], str]) -> pa.Check:
    """A check of text cells; an empty cell is always left to `_stated`."""
    return pa.Check(lambda cells: holds(cells) | (cells == ""), title=problem, statistics={"allowed": allowed})


def _stated() -> pa.Check:
    return pa.Check(lambda cells: cells != "", title="empty cell", statistics={"allowed": "a value in every row"})


def _among(what: str, words: Iterable[str]) -> pa.Check:
    words = tuple(words)
    return _rule(lambda cells: cells.isin(words), f"unknown {what}", lambda value: one_of(value, words))


def _known(what: str, ids: frozenset[str] | None) -> list[pa.Check]:
    return [] if ids is None else [_among(what, sorted(ids))]


def _source(sources: frozenset[str] | None) -> list[pa.Check]:
    return _known("source", sources)


def _sources(sources: frozenset[str] | None) -> list[pa.Check]:
    """Several keys of references.bib, with blanks between them."""
    if sources is None:
        return []
    return [
        _rule(
            lambda cells: cells.map(lambda text: sources.issuperset(text.split())),
            "unknown source",
            lambda value: one_of(next(key for key in value.split() if key not in sources), sources),
        )
    ]


def _matches(pattern: str, problem: str, allowed: str | Callable[[str], str]) -> pa.Check:
    return _rule(lambda cells: cells.str.fullmatch(pattern, na=True), problem, allowed)


def _number() -> pa.Check:
    return _matches(printed.NUMBER, "unreadable number", printed.how_to_write)


def _day() -> list[pa.Check]:
    allowed = "a whole number of days, 0 or more, such as 90 for 3 months"
    return [
        pa.Check(lambda cells: cells != "", title="time point without a day", statistics={"allowed": allowed}),
        _rule(lambda cells: ~cells.str.fullmatch("-[0-9]+", na=False), "negative day", allowed),
        _matches(f"{printed.WHOLE}|-[0-9]+", "day that is not a whole number", allowed),
    ]
