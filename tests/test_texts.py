"""Dates in words, how old a figure is, and titles by the thousand."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone, translation

from careers.templatetags.texts import ALTERNATIVES_SHOWN, age
from tests.factories import create_career
from tests.pages import text_of


@pytest.mark.parametrize(
    ("day", "french", "english"),
    [
        (date(2026, 11, 23), "", ""),
        (date(2026, 11, 22), "il y a moins d’un mois", "less than a month ago"),
        (date(2026, 10, 23), "il y a moins d’un mois", "less than a month ago"),
        (date(2026, 10, 22), "il y a 1\u00a0mois", "1 month ago"),
        (date(2025, 11, 22), "il y a 12\u00a0mois", "12 months ago"),
        (date(2024, 11, 23), "il y a 23\u00a0mois", "23 months ago"),
        (date(2024, 11, 22), "il y a 2\u00a0ans", "2 years ago"),
        (date(2024, 10, 22), "il y a plus de 2\u00a0ans", "over 2 years ago"),
        (date(2023, 4, 30), "il y a plus de 3\u00a0ans", "over 3 years ago"),
        (date(2022, 11, 30), "il y a plus de 3\u00a0ans", "over 3 years ago"),
        (date(1996, 11, 22), "il y a 30\u00a0ans", "30 years ago"),
    ],
)
def test_age_is_never_younger_than_the_day(monkeypatch, day, french, english):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 22, 12, tzinfo=UTC))
    said = {}
    for language in ("fr", "en"):
        with translation.override(language):
            said[language] = age(day)
    assert said == {"fr": french, "en": english}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "words"),
    [("/metiers/soudeur/", "1 001 autres"), ("/en/careers/soudeur/", "1,001 more")],
)
def test_titles_beyond_the_first_are_counted_as_the_language_groups(client, path, words):
    titles = [f"Soudeur {number}" for number in range(ALTERNATIVES_SHOWN + 1001)]
    create_career(title_fr="Soudeur", alternative_titles_fr="\n".join(titles))
    assert f"{titles[ALTERNATIVES_SHOWN - 1]} {words}" in text_of(client.get(path))
