from decimal import Decimal
from fractions import Fraction

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from careers import salaries, wording
from careers.salaries import Answer, NotComparable, annual, answer, convert, why_not_annual
from tests.factories import figure

N = "\u202f"  # the narrow no-break space of French figures
NBSP = "\u00a0"


def french(words):
    """`words` as typed here, where · stands for the narrow no-break space."""
    return words.replace("·", N)


# --- Words ------------------------------------------------------------------------------------

SENTENCES = [
    # The table of docs: low, median, high, open_ended.
    ((45000, None, 100000, False), "45·000 à 100·000·€", "€45,000 to €100,000"),
    ((50000, None, 50000, False), "50·000·€", "€50,000"),
    (
        (45000, None, 100000, True),
        "de 45·000 à plus de 100·000·€",
        "from €45,000 to over €100,000",
    ),
    ((108000, None, None, False), "plus de 108·000·€", "over €108,000"),
    ((None, None, 100000, True), "peut dépasser 100·000·€", "can exceed €100,000"),
    ((None, None, 70000, False), "jusqu’à 70·000·€", "up to €70,000"),
    (
        (35000, 48000, 70000, False),
        "35·000 à 70·000·€, médiane 48·000·€",
        "€35,000 to €70,000, median €48,000",
    ),
    ((None, 48000, None, False), "médiane de 48·000·€", "median of €48,000"),
    # What else an editor can enter.
    ((50000, None, 50000, True), "50·000·€ et plus", "€50,000 and over"),
    (
        (35000, 48000, None, False),
        "plus de 35·000·€, médiane 48·000·€",
        "over €35,000, median €48,000",
    ),
    (
        (None, 48000, 70000, True),
        "peut dépasser 70·000·€, médiane 48·000·€",
        "can exceed €70,000, median €48,000",
    ),
    ((0, None, 0, False), "0·€", "€0"),
    ((0, None, 900, False), "0 à 900·€", "€0 to €900"),
    ((1000, None, 1234567, False), "1·000 à 1·234·567·€", "€1,000 to €1,234,567"),
]


@pytest.mark.parametrize(("stated", "in_french", "in_english"), SENTENCES)
def test_sentence_says_the_ends_of_the_figure(stated, in_french, in_english):
    low, median, high, open_ended = stated
    said = figure(low=low, median=median, high=high, open_ended=open_ended)
    assert salaries.sentence(said, "fr") == french(in_french)
    assert salaries.sentence(said, "en") == in_english


@pytest.mark.parametrize(
    ("fields", "in_french", "in_english"),
    [
        ({"range_kind": "average"}, "2·000 à 3·000·€ en moyenne", "€2,000 to €3,000 on average"),
        ({"basis": "net"}, "2·000 à 3·000·€ nets", "€2,000 to €3,000 net"),
        ({"basis": ""}, "2·000 à 3·000·€", "€2,000 to €3,000"),
        ({"range_kind": "p25_p75"}, "2·000 à 3·000·€", "€2,000 to €3,000"),
        ({"period": "month"}, "2·000 à 3·000·€ par mois", "€2,000 to €3,000 a month"),
        ({"period": "week"}, "2·000 à 3·000·€ par semaine", "€2,000 to €3,000 a week"),
        ({"period": "day"}, "2·000 à 3·000·€ par jour", "€2,000 to €3,000 a day"),
        ({"period": "hour"}, "2·000 à 3·000·€ de l’heure", "€2,000 to €3,000 an hour"),
        (
            {"basis": "net", "period": "month", "range_kind": "average"},
            "2·000 à 3·000·€ nets par mois en moyenne",
            "€2,000 to €3,000 net a month on average",
        ),
    ],
)
def test_sentence_says_what_kind_of_pay_it_is(fields, in_french, in_english):
    said = figure(low=2000, high=3000, **fields)
    assert salaries.sentence(said, "fr") == french(in_french)
    assert salaries.sentence(said, "en") == in_english


@pytest.mark.parametrize(
    ("low", "high", "in_french", "in_english"),
    [
        ("12.5", "20", "12,50 à 20,00·€", "€12.50 to €20.00"),
        ("12.5000", "20.0000", "12,50 à 20,00·€", "€12.50 to €20.00"),
        ("12.0000", "20.0000", "12 à 20·€", "€12 to €20"),
        ("12.3456", "20", "12,3456 à 20,00·€", "€12.3456 to €20.00"),
        ("0.01", "1234.5", "0,01 à 1·234,50·€", "€0.01 to €1,234.50"),
    ],
)
def test_sentence_gives_cents_to_all_amounts_or_to_none(low, high, in_french, in_english):
    said = figure(low=low, high=high)
    assert salaries.sentence(said, "fr") == french(in_french)
    assert salaries.sentence(said, "en") == in_english


@pytest.mark.parametrize(
    ("currency", "in_french", "in_english"),
    [
        ("USD", "45·000 à 100·000·$US", "$45,000 to $100,000"),
        ("GBP", "45·000 à 100·000·£GB", "£45,000 to £100,000"),
        ("CHF", "45·000 à 100·000·CHF", f"CHF{NBSP}45,000 to CHF{NBSP}100,000"),
    ],
)
def test_sentence_names_the_currency_as_the_language_does(currency, in_french, in_english):
    said = figure(low=45000, high=100000, currency=currency)
    assert salaries.sentence(said, "fr") == french(in_french)
    assert salaries.sentence(said, "en") == in_english


@pytest.mark.parametrize(
    ("reason", "in_french", "in_english"),
    [
        (
            "varies",
            "la rémunération varie trop pour tenir en un chiffre",
            "pay varies too much for one figure",
        ),
        ("not_published", "aucun chiffre n’est publié", "no figure is published"),
        (
            "suppressed",
            "la source ne communique pas ce chiffre",
            "the source withholds this figure",
        ),
    ],
)
def test_sentence_without_a_figure_is_the_note_or_else_the_reason(reason, in_french, in_english):
    bare = figure(currency="", no_figure_reason=reason, range_kind="average", period="month")
    assert salaries.sentence(bare, "fr") == in_french
    assert salaries.sentence(bare, "en") == in_english

    noted = figure(
        currency="",
        no_figure_reason=reason,
        no_figure_note_fr="selon la taille de l’employeur",
        no_figure_note_en="by size of employer",
    )
    assert salaries.sentence(noted, "fr") == "selon la taille de l’employeur"
    assert salaries.sentence(noted, "en") == "by size of employer"

    # A note that only the other language has is not shown: the reason is.
    half = figure(currency="", no_figure_reason=reason, no_figure_note_fr="selon le lieu")
    assert salaries.sentence(half, "en") == in_english


@pytest.mark.parametrize(
    ("amount", "currency", "cents", "in_french", "in_english"),
    [
        (45000, "EUR", False, "45·000·€", "€45,000"),
        (Decimal("45000.00"), "EUR", False, "45·000·€", "€45,000"),
        (Decimal("45000"), "EUR", True, "45·000,00·€", "€45,000.00"),
        (300000, "USD", False, "300·000·$US", "$300,000"),
        (45000, "CHF", False, "45·000·CHF", f"CHF{NBSP}45,000"),
        (0, "EUR", False, "0·€", "€0"),
    ],
)
def test_money_follows_the_language(amount, currency, cents, in_french, in_english):
    assert wording.money(amount, currency, "fr", cents=cents) == french(in_french)
    assert wording.money(amount, currency, "en", cents=cents) == in_english


def test_number_groups_digits_as_the_language_does():
    assert wording.number(1234567, "fr") == french("1·234·567")
    assert wording.number(1234567, "en") == "1,234,567"
    assert wording.number(Decimal("0.1234"), "fr") == "0,1234"
    assert wording.number(7, "en", cents=True) == "7.00"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(("cents", "pattern"), [(False, "#,##0.####"), (True, "#,##0.00##")])
@given(amount=st.decimals(-(10**11), 10**11, places=4) | st.integers(0, 10**11))
def test_number_is_grouped_as_cldr_does(language, cents, pattern, amount):
    said = format_decimal(amount, pattern, locale=language)
    assert wording.number(amount, language, cents=cents) == said


# --- Comparable amounts -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "amount", "hours", "a_year"),
    [
        ("year", "45000", None, "45000"),
        ("month", "3750.50", None, "45006.00"),
        ("week", "900", None, "46800"),
        ("hour", "12.5", 1607, "20087.5"),
        ("hour", "12.5", 2080, "26000"),
        ("hour", "0.0001", 1607, "0.1607"),
        ("month", "0", None, "0"),
    ],
)
def test_annual_multiplies_exactly(period, amount, hours, a_year):
    assert annual(Decimal(amount), period, hours) == Decimal(a_year)


def test_annual_of_nothing_is_nothing():
    for period in salaries.Period.values:
        assert annual(None, period, 1607) is None


@pytest.mark.parametrize(
    ("fields", "hours", "why"),
    [
        ({}, None, ""),
        ({"basis": ""}, None, ""),
        ({"period": "month"}, None, ""),
        ({"period": "week"}, None, ""),
        ({"engagement": "employee", "period": "month"}, None, ""),
        ({"engagement": "freelance"}, None, ""),
        ({"period": "hour"}, 1607, ""),
        ({"basis": "net"}, None, NotComparable.NET),
        ({"basis": "net", "period": "hour"}, 1607, NotComparable.NET),
        ({"basis": "net", "engagement": "freelance", "period": "day"}, None, NotComparable.NET),
        ({"engagement": "freelance", "period": "day"}, 1607, NotComparable.FREELANCE_RATE),
        ({"engagement": "freelance", "period": "hour"}, 1607, NotComparable.FREELANCE_RATE),
        ({"engagement": "freelance", "period": "month"}, None, NotComparable.FREELANCE_RATE),
        ({"period": "day"}, 1607, NotComparable.DAY_RATE),
        ({"engagement": "employee", "period": "day"}, 1607, NotComparable.DAY_RATE),
        ({"period": "hour"}, None, NotComparable.NO_YEARLY_HOURS),
    ],
)
def test_why_not_annual_names_what_forbids_a_comparison(fields, hours, why):
    assert why_not_annual(figure(low=400, **fields), hours) == why


@pytest.mark.parametrize(
    ("amount", "rate", "target_rate", "converted"),
    [
        ("300000", "1.0981", "1", "273199.16"),  # 273,199.1622…
        ("100000", "1", "1.0981", "109810.00"),
        ("109810", "1.0981", "1", "100000.00"),
        ("100000", "0.88", "1.0981", "124784.09"),  # pounds to dollars over 113,636.36 euros
        ("12345.6789", "1", "1", "12345.68"),
        ("0.005", "1", "1", "0.01"),
        ("2.675", "1", "1", "2.68"),
        ("2.665", "1", "1", "2.67"),  # half to even would give 2.66
        ("0.0049", "1", "1", "0.00"),
        ("0", "1.0981", "147.06", "0.00"),
    ],
)
def test_convert_rounds_half_up_to_the_cent(amount, rate, target_rate, converted):
    given_rates = Decimal(rate), Decimal(target_rate)
    assert str(convert(Decimal(amount), *given_rates)) == converted


@given(
    st.decimals(0, 10**9, places=4),
    st.decimals("0.000001", 10**5, places=6),
)
def test_convert_is_within_half_a_cent_of_the_exact_euros(amount, rate):
    exact = Fraction(amount) / Fraction(rate)
    assert abs(Fraction(convert(amount, rate)) - exact) <= Fraction(1, 200)


def test_rounded_gives_whole_units_and_changes_nothing_else():
    given_figure = figure(
        low="2.5", high="3.4999", open_ended=True, currency="USD", range_kind="average"
    )
    assert given_figure.rounded() == figure(
        low=3, high=3, open_ended=True, currency="USD", range_kind="average"
    )


# --- The four answers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "median", "high", "open_ended", "expected"),
    [
        # Sure: even the lowest reaches it.
        (80000, None, None, False, Answer.SURE),
        (80000, None, 80000, False, Answer.SURE),
        (108000, None, None, False, Answer.SURE),
        (90000, 95000, 100000, True, Answer.SURE),
        # Possible: some reach it.
        (45000, None, 100000, False, Answer.POSSIBLE),
        (45000, None, 80000, False, Answer.POSSIBLE),
        (79999, None, 80000, False, Answer.POSSIBLE),
        (None, None, 80000, False, Answer.POSSIBLE),
        (None, 80000, None, False, Answer.POSSIBLE),
        (35000, 80000, None, False, Answer.POSSIBLE),
        (None, None, 300000, True, Answer.POSSIBLE),
        (None, None, 100, True, Answer.POSSIBLE),
        (35000, None, 70000, True, Answer.POSSIBLE),
        (0, None, None, False, Answer.POSSIBLE),
        (35000, 40000, None, False, Answer.POSSIBLE),
        # No: figures, and none of these.
        (35000, None, 70000, False, Answer.NO),
        (79999, None, 79999, False, Answer.NO),
        (None, None, 79999, False, Answer.NO),
        (None, 79999, None, False, Answer.NO),
        (0, 0, 0, False, Answer.NO),
        # Unknown: no figure.
        (None, None, None, False, Answer.UNKNOWN),
    ],
)
def test_answer_to_eighty_thousand(low, median, high, open_ended, expected):
    ends = [None if end is None else Decimal(end) for end in (low, median, high)]
    assert answer(*ends, open_ended=open_ended, threshold=80000) is expected


def test_answer_misses_by_a_hundredth():
    low, high = Decimal("79999.99"), Decimal("80000.00")
    assert answer(low, None, high, open_ended=False, threshold=80000) is Answer.POSSIBLE
    assert answer(low, None, low, open_ended=False, threshold=80000) is Answer.NO


def test_answer_to_zero_is_sure_from_zero_on():
    zero = Decimal(0)
    assert answer(zero, None, None, open_ended=False, threshold=0) is Answer.SURE
    assert answer(None, None, zero, open_ended=False, threshold=0) is Answer.POSSIBLE
    assert answer(None, None, None, open_ended=False, threshold=0) is Answer.UNKNOWN


def test_answers_stand_in_the_order_of_preference():
    assert sorted([Answer.UNKNOWN, Answer.NO, Answer.POSSIBLE, Answer.SURE]) == [
        Answer.SURE,
        Answer.POSSIBLE,
        Answer.NO,
        Answer.UNKNOWN,
    ]


# --- The rules of a band ----------------------------------------------------------------------

BROKEN = {
    "low_gte_0": {"low": "-0.0001", "high": 5},
    "median_gte_0": {"median": -1},
    "high_gte_0": {"high": -1},
    "low_lte_high": {"low": 2, "high": 1},
    "low_lte_median": {"low": 2, "median": 1},
    "median_lte_high": {"median": 2, "high": 1},
    "amount_or_reason": {"low": 1, "no_figure_reason": "varies"},
    "open_ended_needs_high": {"low": 1, "open_ended": True},
    "amount_needs_currency": {"low": 1, "currency": ""},
}


def test_every_rule_has_a_figure_that_breaks_it():
    assert set(BROKEN) == set(salaries.RULES)


@pytest.mark.parametrize("name", BROKEN)
def test_rule_is_broken_alone(name):
    assert list(salaries.broken_rules(figure(**BROKEN[name]))) == [salaries.RULES[name]]


def test_rules_are_told_all_at_once_in_reading_order():
    broken = salaries.broken_rules(figure(low=-1, median=-2, high=-3, currency=""))
    assert [rule.field for rule in broken] == [
        "low", "median", "high", "high", "median", "median", "currency",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {"low": 0, "median": 0, "high": 0},
        {"low": 0, "high": 0, "open_ended": True},
        {"median": 1},
        {"currency": "", "no_figure_reason": "varies"},
        {"currency": "EUR", "no_figure_reason": "suppressed"},
    ],
)
def test_rules_let_edges_pass(fields):
    assert list(salaries.broken_rules(figure(**fields))) == []


def test_rules_ask_for_an_amount_or_a_reason():
    assert list(salaries.broken_rules(figure())) == [salaries.RULES["amount_or_reason"]]
