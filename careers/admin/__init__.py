"""The editors' side: one file for each model; `exports` and `transfers` for the
spreadsheets."""

from django.contrib import admin
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

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

# Screens in English alone, on which one could read the secrets of others: careers.second_factor.
admin.site.unregister([StaticDevice, TOTPDevice])
