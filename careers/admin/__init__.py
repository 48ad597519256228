"""The editors' side: one file for each model; `exports` and `transfers` for the
spreadsheets."""

from careers.admin import (
    career,
    exchange_rate,
    field,
    region,
    report,
    salary_band,
    source,
    transfer_log,
)

__all__ = [
    "career",
    "exchange_rate",
    "field",
    "region",
    "report",
    "salary_band",
    "source",
    "transfer_log",
]
