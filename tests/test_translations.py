"""What is known of a career's two languages: English that is missing, stale, or says other sums."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from careers import versions
from careers.models import Career, ProseAmount
from tests.factories import create_career

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def saved(career, **texts):
    for name, text in texts.items():
        setattr(career, name, text)
    career.save()
    return Career.objects.get(pk=career.pk).stale_english


def test_english_is_stale_from_when_its_french_changes_until_it_changes_itself():
    career = create_career(title_fr="A", title_en="a", tasks_fr="un", tasks_en="one")
    assert career.stale_english == ""
    assert saved(career, tasks_fr="deux") == "tasks"
    assert saved(career, title_fr="B", summary_fr="Sans anglais") == "title tasks"
    assert saved(career, tasks_fr="un") == "title"
    assert saved(career, tasks_fr="un\r\n deux") == "title tasks"
    assert saved(career, tasks_en="one two", title_en="b") == ""
    assert saved(career, tasks_fr="un\n deux") == ""
    assert saved(career, tasks_fr="trois", title_fr="C") == "title tasks"
    assert saved(career, title_en="", tasks_fr="trois", tasks_en="three") == ""


def test_restored_english_is_as_stale_as_it_was():
    career = create_career(tasks_fr="un", tasks_en="one")
    assert saved(career, tasks_fr="deux") == "tasks"
    assert saved(career, tasks_en="two") == ""
    _current, stale, first = Career.history.all()
    for version, expected in ((stale, "tasks"), (first, ""), (stale, "tasks")):
        versions.restore(version, (), "")
        assert Career.objects.get().stale_english == expected


def amounts():
    found = ProseAmount.objects.values_list("text", "language", "amount", "currency", "one_sided")
    return {(text, lang, int(value), code, odd) for text, lang, value, code, odd in found}


def test_amounts_of_the_texts_follow_every_save():
    career = create_career(
        summary_fr="De 45 000 à 60 000 €",
        summary_en="From €45,000 to €65,000",
        tasks_fr="Pour 10 k€",
        skills_fr="2 € et 2 €",
        skills_en="nothing of the kind",
    )
    kept = {
        ("summary", "fr", 45_000, "EUR", False),
        ("summary", "fr", 60_000, "EUR", True),
        ("summary", "en", 45_000, "EUR", False),
        ("summary", "en", 65_000, "EUR", True),
    }
    others = {("tasks", "fr", 10_000, "EUR", False), ("skills", "fr", 2, "EUR", True)}
    assert amounts() == kept | others
    numbers = set(ProseAmount.objects.filter(text="summary").values_list("pk", flat=True))
    saved(career, tasks_fr="", skills_fr="", title_fr="Autre")
    assert amounts() == kept
    assert set(ProseAmount.objects.values_list("pk", flat=True)) == numbers
    ProseAmount.objects.update(amount=Decimal(1))
    call_command("rebuild", stdout=StringIO())
    assert amounts() == kept
    career.delete()
    assert amounts() == set()


def test_sums_too_large_for_any_figure_are_not_kept():
    create_career(summary_fr="900000 millions d’euros, ou 12345678901234567890 €")
    assert amounts() == set()
