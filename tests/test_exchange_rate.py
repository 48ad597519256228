from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from careers.answers import LISTED, Group
from careers.filters import CareerFilter
from careers.models import Career, ExchangeRate, SalaryBand
from careers.results import Results
from careers.salaries import NotComparable
from careers.templatetags.figures import conversion
from tests.factories import create_band, create_career, create_rate, refused_by_database

pytestmark = pytest.mark.django_db

COLUMNS = "careers_exchangerate.currency, careers_exchangerate.fixed_on"
# Rates that the database must not take beside the dollar's of 28 April 2023.
REFUSED = {
    "careers_exchangerate_rate_gt_0": [{"rate": Decimal(0)}, {"rate": Decimal("-0.000001")}],
    "careers_exchangerate_one_fixing_a_day": [{"fixed_on": date(2023, 4, 28)}],
}
ROWS = [(constraint, change) for constraint, changes in REFUSED.items() for change in changes]


def new_rate(*, currency="USD", fixed_on=date(2023, 5, 2), rate=Decimal("1.0965")):
    return ExchangeRate(currency=currency, fixed_on=fixed_on, rate=rate)


@pytest.mark.parametrize(("constraint", "change"), ROWS)
def test_exchange_rate_constraint_is_kept_by_the_database(constraint, change):
    create_rate()
    with refused_by_database(constraint, COLUMNS):
        ExchangeRate.objects.bulk_create([new_rate(**change)])
    ExchangeRate.objects.bulk_create([new_rate(), new_rate(currency="GBP")])
    assert ExchangeRate.objects.count() == 3


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rate": Decimal(0)}, "A rate is above zero."),
        ({"fixed_on": date(2023, 4, 28)}, "This currency already has a rate for this day."),
    ],
)
def test_exchange_rate_messages_are_an_editors(change, message):
    create_rate()
    with pytest.raises(ValidationError) as refused:
        new_rate(**change).full_clean()
    assert refused.value.message_dict == {"__all__": [message]}


# --- The fixing of a day ----------------------------------------------------------------------


def test_exchange_rate_fixing_is_the_last_on_or_before_the_day():
    create_rate(fixed_on=date(2023, 4, 27), rate="1.1042")
    friday = create_rate(fixed_on=date(2023, 4, 28))
    tuesday = create_rate(fixed_on=date(2023, 5, 2), rate="1.0965")
    create_rate(currency="GBP", fixed_on=date(2023, 4, 30), rate="0.88")

    def fixing(day):
        return ExchangeRate.objects.fixing("USD", day)

    assert fixing(date(2023, 4, 28)) == friday
    assert fixing(date(2023, 5, 1)) == friday  # over the weekend and Labour Day
    assert fixing(date(2023, 5, 2)) == tuesday
    assert fixing(date(2030, 1, 1)) == tuesday
    assert fixing(date(2023, 4, 26)) is None
    assert ExchangeRate.objects.fixing("CHF", date(2030, 1, 1)) is None


def test_exchange_rate_currencies_are_the_euro_and_those_quoted():
    assert ExchangeRate.objects.currencies() == ["EUR"]
    for currency in ("USD", "CHF"):
        create_rate(currency=currency)
        create_rate(currency=currency, fixed_on=date(2023, 5, 2))
    assert ExchangeRate.objects.currencies() == ["EUR", "CHF", "USD"]


# --- What bands make of it --------------------------------------------------------------------


def euros(band):
    """The derived columns that follow the fixing, as the database has them."""
    band = SalaryBand.objects.get(pk=band.pk)
    return band.annual_high_eur, band.fixed_on, band.not_comparable


FRIDAY = (Decimal("273199.16"), date(2023, 4, 28), "")
NONE = (None, None, "no_fixing")


@pytest.mark.parametrize(
    ("observed_on", "expected"),
    [
        (date(2023, 4, 30), FRIDAY),
        (date(2023, 4, 28), FRIDAY),
        (date(2023, 4, 27), NONE),
        (date(2023, 5, 2), (Decimal("300000.00"), date(2023, 5, 2), "")),
    ],
)
def test_exchange_rate_of_the_day_observed_converts_a_band(regions, observed_on, expected):
    create_rate()
    create_rate(fixed_on=date(2023, 5, 2), rate="1")
    create_rate(currency="GBP", fixed_on=date(2023, 4, 1), rate="0.88")
    band = create_band(region=regions["US"], high=300_000, currency="USD", observed_on=observed_on)
    assert euros(band) == expected
    band.refresh_from_db()
    assert (band.high, band.annual_high, band.currency) == (300_000, 300_000, "USD")


def test_exchange_rate_that_comes_later_completes_bands(regions):
    band = create_band(region=regions["US"], high=300_000, currency="USD")
    assert euros(band) == NONE
    create_rate(currency="GBP")
    assert euros(band) == NONE
    create_rate(fixed_on=date(2023, 4, 1), rate="2")
    assert euros(band) == (Decimal("150000.00"), date(2023, 4, 1), "")
    create_rate()
    assert euros(band) == FRIDAY
    create_rate(fixed_on=band.observed_on + timedelta(days=1), rate="3")
    assert euros(band) == FRIDAY
    create_rate(fixed_on=band.observed_on, rate="1.5")
    assert euros(band) == (Decimal("200000.00"), band.observed_on, "")


def test_exchange_rate_that_is_corrected_rebuilds_bands(regions):
    rate = create_rate(rate="2")
    band = create_band(region=regions["US"], high=300_000, currency="USD")
    other = create_band(region=regions["FR"], high=300_000)
    rate.rate = Decimal("1.0981")
    rate.save()
    assert euros(band) == FRIDAY
    assert euros(other) == (Decimal("300000.00"), None, "")
    band.refresh_from_db()
    assert (band.high, band.annual_high, band.currency) == (300_000, 300_000, "USD")


@pytest.mark.parametrize(
    "change", [{"fixed_on": date(2023, 5, 2)}, {"currency": "GBP"}], ids=["day", "currency"]
)
def test_exchange_rate_moved_away_no_longer_converts_bands(regions, change):
    rate = create_rate()
    band = create_band(region=regions["US"], high=300_000, currency="USD")
    assert euros(band) == FRIDAY
    for field, value in change.items():
        setattr(rate, field, value)
    rate.save()
    assert euros(band) == NONE


def test_exchange_rate_deleted_no_longer_converts_bands(regions):
    rate = create_rate()
    band = create_band(region=regions["US"], high=300_000, currency="USD")
    rate.delete()
    assert euros(band) == NONE


def test_exchange_rate_rebuilds_the_bands_until_the_next_fixing_alone(regions):
    first = create_rate(fixed_on=date(2023, 1, 2), rate="1")
    create_rate(fixed_on=date(2023, 3, 1), rate="3")
    bands = {
        month: create_band(
            region=regions["US"], high=6, currency="USD", observed_on=date(2023, month, 15)
        )
        for month in (1, 2, 3)
    }
    # As nothing but a rebuild sets right.
    SalaryBand.objects.update(annual_high_eur=9)
    second = create_rate(fixed_on=date(2023, 2, 1), rate="2")
    assert {month: euros(band)[0] for month, band in bands.items()} == {1: 9, 2: 3, 3: 9}
    first.delete()
    assert {month: euros(band)[0] for month, band in bands.items()} == {1: None, 2: 3, 3: 9}
    second.fixed_on = date(2023, 1, 10)
    second.save()
    assert {month: euros(band)[0] for month, band in bands.items()} == {1: 3, 2: 3, 3: 9}
    second.delete()
    assert {month: euros(band)[0] for month, band in bands.items()} == {1: None, 2: None, 3: 9}


def test_rebuild_derives_all_bands_again(regions):
    band = create_band(region=regions["US"], high=300_000, currency="USD")
    ExchangeRate.objects.bulk_create([new_rate(fixed_on=date(2023, 4, 28), rate=Decimal("1.0981"))])
    assert euros(band) == NONE
    assert SalaryBand.objects.all().rebuild() == 1
    assert euros(band) == FRIDAY


# --- Derived amounts --------------------------------------------------------------------------


def derived(band):
    """The derived amounts and the reason why there are none, as the database has them."""
    band = SalaryBand.objects.get(pk=band.pk)
    own = [band.annual_low, band.annual_median, band.annual_high]
    euros = [band.annual_low_eur, band.annual_median_eur, band.annual_high_eur]
    return own, euros, band.not_comparable


NOTHING = [None, None, None]


def test_band_amounts_are_derived_for_a_year_and_in_euros(regions):
    create_rate()
    band = create_band(
        region=regions["US"], low="3000.5", median=4000, high=5000, currency="USD", period="month"
    )
    assert derived(band) == (
        [Decimal(36006), Decimal(48000), Decimal(60000)],
        [Decimal("32789.36"), Decimal("43711.87"), Decimal("54639.83")],
        "",
    )
    band.refresh_from_db()
    assert (band.low, band.median, band.high) == (Decimal("3000.5"), 4000, 5000)
    assert (band.currency, band.period) == ("USD", "month")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"basis": "net"}, NotComparable.NET),
        ({"engagement": "freelance", "period": "day"}, NotComparable.FREELANCE_RATE),
        ({"period": "day"}, NotComparable.DAY_RATE),
        ({"currency": "CHF"}, NotComparable.NO_FIXING),
    ],
)
def test_band_that_is_not_comparable_has_no_euros(regions, fields, why):
    band = create_band(region=regions["FR"], low=400, high=600, **fields)
    own, euros, not_comparable = derived(band)
    assert (euros, not_comparable) == (NOTHING, why)
    # Without a fixing a yearly amount still stands in its own currency.
    assert own == ([400, None, 600] if why == NotComparable.NO_FIXING else NOTHING)
    band.refresh_from_db()
    assert (band.low, band.high) == (400, 600)


def test_band_without_figure_has_nothing_to_compare(regions):
    band = create_band(region=regions["DE"], no_figure_reason="varies", period="hour")
    assert derived(band) == (NOTHING, NOTHING, "")


def test_band_that_changes_is_derived_again(regions):
    band = create_band(region=regions["FR"], low=1000, period="month")
    band.basis = "net"
    band.save()
    assert derived(band) == (NOTHING, NOTHING, NotComparable.NET)
    band.basis, band.period = "gross", "week"
    band.save()
    assert derived(band) == ([52000, None, None], [52000, None, None], "")


def test_band_changed_by_update_or_create_is_derived_again(regions):
    """update_or_create saves only the fields it was given: the derived ones must still follow."""
    band = create_band(region=regions["FR"], low=1000)
    SalaryBand.objects.update_or_create(pk=band.pk, defaults={"low": 2000})
    assert derived(band) == ([2000, None, None], [2000, None, None], "")


# --- What a question makes of it ---------------------------------------------------------------


def ask(question):
    return CareerFilter(QueryDict(question))


def groups(question):
    slugs = dict(Career.objects.values_list("pk", "slug"))
    standing = ask(question).numbers(Group)
    return {slugs[pk]: group.name.lower() for pk, group in standing.items()}


def test_threshold_in_another_currency_is_met_exactly(regions):
    create_rate()
    create_rate(currency="JPY", rate="147.06")
    dollars = create_career(title_fr="Dollars")
    create_band(career=dollars, region=regions["US"], low=300_000, currency="USD")
    assert groups("salary_min=300000&currency=USD") == {"dollars": "sure"}
    assert groups("salary_min=300001&currency=USD") == {"dollars": "possible"}
    create_band(
        career=create_career(title_fr="Euros"), low="8950.00", high="8950.00", level="entry"
    )
    # 8,950.00 EUR are 9,827.995 USD, hence 9,828.00, and 1,316,187 JPY.
    assert groups("level=entry&salary_min=9828&currency=USD")["euros"] == "sure"
    assert groups("level=entry&salary_min=1316187&currency=JPY")["euros"] == "sure"
    assert groups("level=entry&salary_min=1316188&currency=JPY")["euros"] == "below"


@pytest.mark.parametrize(
    "fields",
    [
        {"basis": "net"},
        {"period": "day"},
        {"engagement": "freelance", "period": "day"},
        {"currency": "CHF"},
        {"currency": "USD", "observed_on": date(2020, 1, 1)},
    ],
)
def test_figure_that_cannot_be_compared_answers_unknown_to_a_threshold(regions, fields):
    create_rate()
    create_band(career=create_career(title_fr="Autre"), low=900_000, **fields)
    assert groups("salary_min=80000") == {"autre": "unknown"}
    assert groups("") == {"autre": "sure"}


def test_figures_are_comparable_in_the_currency_asked(golden):
    asked = ask("q=prompt&currency=USD")
    [figures] = Results.answering(asked, asked.numbers(LISTED)).bands.values()
    assert [(band.comparable("USD").high, band.high, band.currency) for band in figures] == [
        (300_000, 300_000, "USD"),
        (109_810, 100_000, "EUR"),
    ]


@pytest.mark.parametrize(
    "fields", [{"currency": "USD"}, {"period": "hour"}, {"currency": "USD", "period": "hour"}]
)
def test_figure_of_nothing_is_converted_in_words_too(regions, fields):
    """Nothing was multiplied or divided by something: the words must not ask by what."""
    create_rate()
    create_band(region=regions["FR"], low=0, high=0, **fields)
    [band] = SalaryBand.objects.with_answer(None)
    assert "0\u202f€" in conversion(band, "EUR")
