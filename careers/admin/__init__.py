"""The editors' side: one file for each model; `exports` and `transfers` for the
spreadsheets."""

from careers.admin import (
    career,
    exchange_rate,
    export_log,
    field,
    region,
    report,
    salary_band,
    source,
)

__all__ = [
    "career",
    "exchange_rate",
    "export_log",
    "field",
    "region",
    "report",
    "salary_band",
    "source",
]
