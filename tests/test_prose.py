"""Amounts of money as French and English texts name them."""

from decimal import Decimal

import pytest

from careers.prose import amounts

CASES = {
    "": [],
    "En 2023, trois ans d’études et 35 heures.": [],
    "45 000 € par an": [(45_000, "EUR")],
    "45\u202f000\u00a0€ par an": [(45_000, "EUR")],
    "En 2023 45 000 €": [(45_000, "EUR")],
    "45000 euros": [(45_000, "EUR")],
    "45 000,50 €": [("45000.50", "EUR")],
    "45 k€, parfois 60 K€": [(45_000, "EUR"), (60_000, "EUR")],
    "45 à 60 k€": [(45_000, "EUR"), (60_000, "EUR")],
    "45–60 k€": [(45_000, "EUR"), (60_000, "EUR")],
    "entre 45 000 et 60 000 €": [(45_000, "EUR"), (60_000, "EUR")],
    "de 35 000 à 70 000 euros": [(35_000, "EUR"), (70_000, "EUR")],
    "peut dépasser 300 000 $US": [(300_000, "USD")],
    "1,5 million d’euros": [(1_500_000, "EUR")],
    "2 millions de dollars": [(2_000_000, "USD")],
    "cent **45 000 €** gras": [(45_000, "EUR")],
    "over €45,000 a year": [(45_000, "EUR")],
    "€45,000 to €60,000": [(45_000, "EUR"), (60_000, "EUR")],
    "€45,000–60,000": [(45_000, "EUR"), (60_000, "EUR")],
    "from $45k to $60k": [(45_000, "USD"), (60_000, "USD")],
    r"\$45,000": [(45_000, "USD")],
    "US$1.5 million": [(1_500_000, "USD")],
    "CHF 90'000": [(90_000, "CHF")],
    "USD 300,000 or EUR 100,000": [(300_000, "USD"), (100_000, "EUR")],
    "£45,000.50": [("45000.50", "GBP")],
    "CA$80,000": [(80_000, "CAD")],
    "12,50 € de l’heure": [("12.50", "EUR")],
    "15 € to 20 € an hour": [(15, "EUR"), (20, "EUR")],
    "en 3 CDI sur 100 ETP": [],
}


@pytest.mark.parametrize("text", CASES)
def test_amounts_of_a_text(text):
    assert amounts(text) == {(Decimal(value), currency) for value, currency in CASES[text]}


def test_a_long_text_without_amounts_is_read_quickly():
    assert amounts("1 " * 10_000) == amounts("12 345 " * 3_000 + "à " * 3_000) == set()
