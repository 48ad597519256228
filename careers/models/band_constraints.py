"""What the database keeps true of every salary band: the twins of `salaries.RULES`."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from careers import salaries

ENDS = ("low", "median", "high")
# One statement: the same key and date again is the same statement.
SERIES = ("career", "region", "level", "engagement", "currency", "period", "source")


def _is_none(*fields: str) -> Q:
    return Q(**{f"{field}__isnull": True for field in fields})


# By the names of the rules.
_CONDITIONS = {
    **{f"{end}_gte_0": _is_none(end) | Q(**{f"{end}__gte": 0}) for end in ENDS},
    "low_lte_high": _is_none("low") | _is_none("high") | Q(low__lte=F("high")),
    "low_lte_median": _is_none("low") | _is_none("median") | Q(low__lte=F("median")),
    "median_lte_high": _is_none("median") | _is_none("high") | Q(median__lte=F("high")),
    "amount_or_reason": (_is_none(*ENDS) & ~Q(no_figure_reason=""))
    | (~_is_none(*ENDS) & Q(no_figure_reason="")),
    "open_ended_needs_high": Q(open_ended=False) | Q(high__isnull=False),
    "amount_needs_currency": _is_none(*ENDS) | ~Q(currency=""),
}

CONSTRAINTS: list[models.BaseConstraint] = [
    models.CheckConstraint(
        condition=condition,
        name=f"careers_salaryband_{name}",
        violation_error_message=salaries.RULES[name].message,  # type: ignore[arg-type]
    )
    for name, condition in _CONDITIONS.items()
]
CONSTRAINTS.append(
    # Blanks are empty strings, never NULL, so that they count as equal.
    models.UniqueConstraint(
        fields=[*SERIES, "observed_on"],
        name="careers_salaryband_one_statement",
        violation_error_message=_(
            "This source already has a figure for this career, region, level, employment, "
            "currency, period and date."
        ),
    )
)
