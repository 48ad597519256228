from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from careers import salaries
from careers.models import Career, Region, SalaryBand
from careers.salaries import Answer
from tests import (
    test_career,
    test_exchange_rate,
    test_export_files,
    test_region,
    test_report,
    test_saved_filters,
)
from tests.factories import (
    band_fields,
    create_band,
    create_bands,
    create_career,
    create_rate,
    create_region,
    create_source,
    figure,
    new_band,
    refused_by_database,
    undone,
)

pytestmark = pytest.mark.django_db

# One band each that breaks this constraint and no other; where and how an editor is told.
REFUSED = {
    "careers_salaryband_low_gte_0": (
        {"low": "-0.0001", "high": 5},
        {"low": ["The low amount is below zero."]},
    ),
    "careers_salaryband_median_gte_0": (
        {"median": -1},
        {"median": ["The median is below zero."]},
    ),
    "careers_salaryband_high_gte_0": (
        {"high": -1},
        {"high": ["The high amount is below zero."]},
    ),
    "careers_salaryband_low_lte_high": (
        {"low": 2, "high": "1.9999"},
        {"high": ["The high amount is below the low amount."]},
    ),
    "careers_salaryband_low_lte_median": (
        {"low": 2, "median": "1.9999", "high": 2},
        {"median": ["The median is below the low amount."]},
    ),
    "careers_salaryband_median_lte_high": (
        {"low": 1, "median": 2, "high": "1.9999"},
        {"median": ["The median is above the high amount."]},
    ),
    "careers_salaryband_amount_or_reason": (
        {"median": 1, "no_figure_reason": "varies"},
        {
            "no_figure_reason": [
                "Give either an amount or the reason why there is none, never both and never "
                "neither."
            ]
        },
    ),
    "careers_salaryband_open_ended_needs_high": (
        {"low": 1, "median": 1, "open_ended": True},
        {
            "open_ended": [
                "“Open ended” says that the true top lies above the high amount: give the high "
                "amount."
            ]
        },
    ),
    "careers_salaryband_amount_needs_currency": (
        {"high": 1, "currency": ""},
        {"currency": ["An amount needs a currency, for example EUR."]},
    ),
    # Refused only beside another: see below.
    "careers_salaryband_one_statement": (
        {"low": 1},
        {
            "__all__": [
                "This source already has a figure for this career, region, level, employment, "
                "currency, period and date."
            ]
        },
    ),
}
COLUMNS = ", ".join(
    f"careers_salaryband.{SalaryBand._meta.get_field(field).column}"
    for field in SalaryBand._meta.constraints[-1].fields
)


@pytest.fixture
def stated(regions):
    """A band that stands already: a rule on one row ignores it, `one_statement` does not."""
    return create_band(career=create_career(), region=regions["FR"], low=1)


def beside(stated, constraint, fields):
    """A new band with these fields, the same statement again only where that is the point."""
    level = "" if constraint == "careers_salaryband_one_statement" else "lead"
    return new_band(career=stated.career, region=stated.region, level=level, **fields)


@pytest.mark.parametrize("constraint", REFUSED)
def test_band_constraint_is_kept_by_the_database(stated, constraint):
    band = beside(stated, constraint, REFUSED[constraint][0])
    with refused_by_database(constraint, COLUMNS):
        SalaryBand.objects.bulk_create([band])
    assert list(SalaryBand.objects.all()) == [stated]


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("constraint", REFUSED)
def test_band_messages_are_an_editors(stated, constraint):
    fields, messages = REFUSED[constraint]
    with pytest.raises(ValidationError) as refused:
        beside(stated, constraint, fields).full_clean()
    assert refused.value.message_dict == messages


def test_band_without_amount_and_reason_is_refused(stated):
    with refused_by_database("careers_salaryband_amount_or_reason"):
        SalaryBand.objects.bulk_create([beside(stated, "", {"currency": "EUR"})])


@pytest.mark.usefixtures("english")
def test_band_messages_come_all_at_once(stated):
    band = beside(stated, "", {"low": -1, "median": -2, "currency": "", "open_ended": True})
    with pytest.raises(ValidationError) as refused:
        band.full_clean()
    assert refused.value.message_dict == {
        "low": ["The low amount is below zero."],
        "median": ["The median is below zero.", "The median is below the low amount."],
        "open_ended": REFUSED["careers_salaryband_open_ended_needs_high"][1]["open_ended"],
        "currency": ["An amount needs a currency, for example EUR."],
    }


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("code", ["EUX", "eur", "€", "E"])
def test_band_currency_is_a_code_of_iso_4217(stated, code):
    with pytest.raises(ValidationError) as refused:
        beside(stated, "", {"low": 1, "currency": code}).full_clean()
    assert refused.value.message_dict == {
        "currency": [f"“{code}” is not an ISO 4217 currency code such as EUR or USD."]
    }


@pytest.mark.parametrize("low", ["beaucoup", Decimal("NaN"), Decimal("Infinity"), 10**13])
def test_band_amount_that_is_no_amount_is_told_not_raised(stated, low):
    """An import sets what the cell says, and full_clean must answer."""
    band = beside(stated, "", {"high": 5})
    band.low = low
    with pytest.raises(ValidationError) as refused:
        band.full_clean()
    assert "low" in refused.value.message_dict


@pytest.mark.parametrize("field", ["region", "career", "source", "observed_on"])
def test_band_without_what_it_needs_is_told_not_raised(stated, field):
    band = beside(stated, "", {"low": 5})
    setattr(band, field, None)
    with pytest.raises(ValidationError) as refused:
        band.full_clean()
    assert set(refused.value.message_dict) == {field}


@pytest.mark.parametrize(
    "fields",
    [
        {"low": "999999999999.9999", "period": "year"},
        {"low": "999999999999.9999", "period": "month"},
        {"high": "99999999999", "period": "hour"},
    ],
)
def test_band_that_full_clean_accepts_can_be_saved(stated, fields):
    """However absurd: an extra digit typed by an editor must not become a server error."""
    band = beside(stated, "", fields)
    try:
        band.full_clean()
    except ValidationError:
        return
    band.save()
    band.refresh_from_db()
    assert (band.low, band.high) == tuple(
        None if fields.get(end) is None else Decimal(fields[end]) for end in ("low", "high")
    )


@pytest.mark.parametrize(
    "change",
    [
        {"level": "entry"},
        {"engagement": "employee"},
        {"currency": "USD"},
        {"period": "month"},
        {"observed_on": date(2023, 4, 29)},
    ],
)
def test_band_that_differs_in_its_key_is_another_statement(stated, change):
    other = new_band(career=stated.career, region=stated.region, low=1, **change)
    other.full_clean()
    SalaryBand.objects.bulk_create([other])
    with refused_by_database("careers_salaryband_one_statement", COLUMNS):
        SalaryBand.objects.bulk_create(
            [new_band(career=stated.career, region=stated.region, high=9, **change)]
        )


def test_band_of_another_career_region_or_source_is_another_statement(stated, regions):
    others = [
        new_band(career=create_career(title_fr="Autre"), region=stated.region, low=1),
        new_band(career=stated.career, region=regions["FR-IDF"], low=1),
        new_band(
            career=stated.career,
            region=stated.region,
            low=1,
            source=create_source(slug="insee", title="Insee"),
        ),
    ]
    assert len(SalaryBand.objects.bulk_create(others)) == 3


def test_band_without_figure_and_without_currency_is_said_once(stated):
    """All of its key but the foreign keys is blank or default: blanks count as equal."""
    fields = {"no_figure_reason": "varies"}
    stood = beside(stated, "careers_salaryband_one_statement", fields)
    stood.save()
    assert (stood.level, stood.engagement, stood.currency) == ("", "", "")
    with refused_by_database("careers_salaryband_one_statement", COLUMNS):
        SalaryBand.objects.bulk_create([beside(stated, "careers_salaryband_one_statement", fields)])


# --- All constraints --------------------------------------------------------------------------


def declared():
    models = apps.get_app_config("careers").get_models()
    return [constraint for model in models for constraint in model._meta.constraints]


def test_every_constraint_is_refused_in_a_test():
    modules = (
        *(test_career, test_region, test_exchange_rate, test_report, test_saved_filters),
        test_export_files,
    )
    tested = [REFUSED, *(module.REFUSED for module in modules)]
    assert {constraint.name for constraint in declared()} == set().union(*tested)


def test_every_constraint_has_its_message_in_french():
    messages = [constraint.violation_error_message for constraint in declared()]
    with translation.override("en"):
        english = [str(message) for message in messages]
    with translation.override("fr"):
        french = [str(message) for message in messages]
    assert [same for same, other in zip(english, french, strict=True) if same == other] == []


ENDS = st.none() | st.sampled_from([Decimal(n) for n in ("-0.0001", "0", "1", "1.0001", "2")])


@given(
    ENDS, ENDS, ENDS, st.booleans(), st.sampled_from(["", "EUR"]), st.sampled_from(["", "varies"])
)
@example(None, None, None, False, "", "")
@example(Decimal(1), Decimal(1), Decimal(1), True, "EUR", "")
def test_band_rules_and_the_database_agree(low, median, high, open_ended, currency, reason):
    stated = figure(
        low=low,
        median=median,
        high=high,
        open_ended=open_ended,
        currency=currency,
        no_figure_reason=reason,
    )
    broken = set(salaries.broken_rules(stated))
    names = {
        f"careers_salaryband_{name}" for name, rule in salaries.RULES.items() if rule in broken
    }
    with undone():
        region = Region.objects.first() or create_region()
        band = new_band(
            career=Career.objects.first() or create_career(),
            region=region,
            low=low,
            median=median,
            high=high,
            open_ended=open_ended,
            currency=currency,
            no_figure_reason=reason,
        )
        try:
            with transaction.atomic():
                SalaryBand.objects.bulk_create([band])
            refused = ""
        except IntegrityError as error:
            refused = str(error)
    # A database names the first constraint that fails, and which one is first is its own affair.
    assert bool(refused) == bool(names)
    assert not refused or any(name in refused for name in names), refused


# --- The twin of salaries.answer() ------------------------------------------------------------

YEARLY_HOURS = {"FR": 1607, "FR-IDF": 1607, "FR-75C": 1607, "US": 2080}


def rate(currency, day):
    """Units for one euro: of the dollar from its only fixing on, of no other currency."""
    if currency == "USD" and day >= date(2023, 4, 28):
        return Decimal("1.0981")
    return Decimal(1) if currency == "EUR" else None


def plain_answer(band, threshold, currency):
    """What the band answers by the pure functions alone, from what it states."""
    hours = YEARLY_HOURS.get(band.region.code)
    ends = [None, None, None]
    if not salaries.why_not_annual(band, hours):
        ends = [
            salaries.annual(end, band.period, hours) for end in (band.low, band.median, band.high)
        ]
    # A figure in the very currency asked, but for euros kept to the cent, is compared as it is.
    if (band.currency, currency) != ("USD", "USD"):
        rates = rate(band.currency, band.observed_on), rate(currency, band.observed_on)
        ends = [
            None if end is None or None in rates else salaries.convert(end, *rates) for end in ends
        ]
    return salaries.answer(*ends, open_ended=band.open_ended, threshold=threshold)


THRESHOLDS = st.sampled_from([0, 1, 30_000, 80_000, 109_810]) | st.integers(0, 2 * 10**6)


@pytest.mark.usefixtures("regions")
@given(st.lists(band_fields(), min_size=1, max_size=6), THRESHOLDS, st.sampled_from(["EUR", "USD"]))
def test_band_answers_in_sql_as_in_python(rows, threshold, currency):
    with undone():
        create_rate()
        create_bands(career=create_career(), rows=rows)
        bands = SalaryBand.objects.select_related("region").with_answer(threshold, currency)
        for band in bands:
            assert band.answer == plain_answer(band, threshold, currency)
            assert (band.answer == Answer.UNKNOWN) == (band.comparable(currency) is None)


def test_band_reads_its_sentence_in_the_language_of_the_page(regions):
    band = create_band(region=regions["FR"], low=45_000, high=100_000, range_kind="average")
    assert str(band) == band.sentence == "45\u202f000 à 100\u202f000\u202f€ en moyenne"
    with translation.override("en"):
        assert str(SalaryBand.objects.get()) == "€45,000 to €100,000 on average"
