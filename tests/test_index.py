"""What a process holds of the figures is what the database has, whatever was changed, and how."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from careers import index
from careers.filters import MAX_AMOUNT
from careers.index import Index
from careers.models import Career, Change, ExchangeRate, Region, SalaryBand
from careers.models.change import MANY
from tests.factories import (
    create_band,
    create_career,
    create_field,
    create_rate,
    create_region,
    create_source,
)

pytestmark = pytest.mark.django_db

LEVELS = ("mid", "lead", "senior", "entry")


def told(figures: Index):
    """All that an index can tell, by career: nothing of it depends on the order of careers."""
    codes = {number: code for code, number in figures.codes.currencies.items()}
    said = {}
    for number, holding in enumerate(figures.holdings):
        place = figures.table.span(number, number + 1)
        names = list(figures.table.columns)
        columns = [figures.table[name][place].tolist() for name in names]
        rows = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        for row in rows:
            row["currency"] = codes[row["currency"]] if row["band"] else ""
        regions = [figures.codes.paths[region] for region in holding.regions]
        said[holding.career] = (rows, figures.table.sizes[number], regions, holding.sources)
    return said, figures.facts


@pytest.fixture
def site(regions):
    create_rate()
    for number in range(4):
        career = create_career(
            title_fr=f"Métier {number}", field=create_field(name_fr=f"Domaine {number}")
        )
        for step in range(number):
            create_band(career=career, region=regions["FR"], low=10_000 * step, level=LEVELS[step])
    return regions


def _edit(regions):
    band = SalaryBand.objects.order_by("pk")[1]
    band.high, band.open_ended = 900_000, True
    band.save()


def _move(regions):
    band = SalaryBand.objects.order_by("pk")[0]
    band.career = Career.objects.order_by("pk")[0]
    band.save()


def _supersede(regions):
    band = SalaryBand.objects.order_by("pk")[0]
    band.pk, band.observed_on = None, band.observed_on + timedelta(days=90)
    band.save()


def _withdraw(regions):
    Career.objects.filter(slug="metier-2").update(status="draft")


def _bulk(regions):
    career, source = create_career(title_fr="Neuf"), create_source(title="Autre")
    given = {"region": regions["US"], "source": source, "observed_on": date(2024, 5, 1)}
    SalaryBand.objects.bulk_create(
        SalaryBand(career=career, low=low, currency="USD", **given, level=level)
        for low, level in ((1_000, "mid"), (2_000, "lead"))
    )


def _bulk_update(regions):
    bands = list(SalaryBand.objects.all())
    for band in bands:
        band.annual_low_eur = 7
    SalaryBand.objects.bulk_update(bands, ["annual_low_eur"])


CHANGES = {
    "a band edited": _edit,
    "a band moved to another career": _move,
    "a newer statement": _supersede,
    "a band deleted": lambda regions: SalaryBand.objects.order_by("pk")[2].delete(),
    "bands deleted": lambda regions: SalaryBand.objects.filter(low__gte=10_000).delete(),
    "a career deleted": lambda regions: Career.objects.get(slug="metier-3").delete(),
    "a career withdrawn": _withdraw,
    "a career renamed": lambda regions: Career.objects.filter(pk__gt=0).update(sort_title_fr="a"),
    "a field taken away": lambda regions: Career.objects.update(field=None),
    "bands in bulk": _bulk,
    "bands updated in bulk": _bulk_update,
    "bands updated": lambda regions: SalaryBand.objects.filter(level="mid").update(level=""),
    "a region added": lambda regions: create_region(code="AAA", parent=regions["FR"]),
    "a region moved": lambda regions: _moved(regions["FR"], regions["US"]),
    "a rate": lambda regions: ExchangeRate.objects.get().delete(),
}


def _moved(region, parent):
    region.parent = parent
    region.save()


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_leaves_what_reading_everything_again_would(site, change):
    index.current()
    before = told(Index.read())
    CHANGES[change](site)
    assert told(index.current()[0]) == told(Index.read())
    if change not in ("a region added", "a rate"):
        assert told(Index.read()) != before


@settings(max_examples=25)
@given(st.lists(st.sampled_from(sorted(set(CHANGES) - {"a career deleted", "a rate"})), max_size=5))
def test_changes_one_after_the_other(changes):
    with transaction.atomic():
        regions = {"FR": create_region(code="FR"), "US": create_region(code="US")}
        create_rate(fixed_on=date(2020, 1, 2))
        for number in range(4):
            career = create_career(title_fr=f"Métier {number}")
            for step in range(4):
                create_band(
                    career=career, region=regions["FR"], low=10_000 + step, level=LEVELS[step]
                )
        for change in dict.fromkeys(changes):
            # What one change took away another cannot edit.
            with suppress(IndexError, IntegrityError), transaction.atomic():
                CHANGES[change](regions)
            assert told(index.current()[0]) == told(Index.read())
        transaction.set_rollback(True)


def test_what_is_rolled_back_is_forgotten(site):
    held = told(index.current()[0])
    with transaction.atomic():
        SalaryBand.objects.all().delete()
        assert told(index.current()[0]) != held
        transaction.set_rollback(True)
    assert told(index.current()[0]) == held == told(Index.read())


def test_only_the_careers_concerned_are_read_again(site, monkeypatch):
    first = index.current()[0]
    monkeypatch.setattr(Index, "read", lambda: pytest.fail("all of it was read"))
    _edit(site)
    assert index.current()[0] is not first
    # Whatever else changes leaves the figures as they are.
    create_source(title="Encore une")
    assert index.current()[0].number == index.current()[0].number


def test_where_too_much_changed_everything_is_read(site, monkeypatch):
    index.current()
    careers = Career.objects.bulk_create(
        Career(slug=f"n{number}", title_fr="N") for number in range(MANY + 1)
    )
    assert Change.objects.latest("pk").everything
    Career.objects.filter(pk__in=[career.pk for career in careers]).delete()
    assert Change.objects.latest("pk").everything
    assert told(index.current()[0]) == told(Index.read())


def test_old_changes_are_removed_and_a_process_that_missed_them_reads_everything(site, monkeypatch):
    index.current()
    monkeypatch.setattr("careers.models.change.KEPT", 5)
    monkeypatch.setattr("careers.models.change.PRUNED_EVERY", 1)
    _edit(site)
    for _number in range(20):
        create_source()
    assert Change.objects.count() <= 7
    assert told(index.current()[0]) == told(Index.read())


def test_a_change_that_is_committed_late_is_seen(site):
    """Numbers are given when rows are added, and another transaction may be faster to commit."""
    late = Change.objects.create(career_number=Career.objects.order_by("pk")[2].pk)
    band = SalaryBand.objects.filter(career=late.career_number)[0]
    late.delete()
    create_source()
    index.current()
    with connection.cursor() as cursor:  # what the slow transaction did, without being recorded
        cursor.execute("UPDATE careers_salaryband SET level = 'lead' WHERE id = %s", [band.pk])
    late.save(force_insert=True)
    assert told(index.current()[0]) == told(Index.read())


def test_a_planned_career_is_held_and_not_public(site):
    planned = create_career(
        title_fr="Demain", published_at=timezone.now() + timedelta(days=1), status="published"
    )
    figures, at = index.current()
    assert planned.pk in figures.number
    assert set(figures.members(figures.public(at), figures.number)) == set(
        Career.objects.exclude(pk=planned.pk).values_list("pk", flat=True)
    )


def test_every_column_holds_its_largest_number(regions):
    create_rate(currency="IDR", rate="0.01")
    hours = Region.objects.get(code="FR")
    hours.yearly_hours = 8_784
    hours.save()
    band = create_band(region=hours, low=99_999_999_999, period="hour", currency="IDR")
    least = create_band(region=regions["US"], low=0, currency="IDR")
    table = Index.read().table
    assert band.annual_low == 99_999_999_999 * 8_784
    values = {
        row["band"]: (row["foot"], row["peak"], row["own_low"], row["own_top"])
        for rows, *_rest in told(Index.read())[0].values()
        for row in rows
        if row["band"]
    }
    # More than can be asked stays more, and is never taken for less.
    assert values == {
        band.pk: (2**62, 2**62, 2**31 - 1, -1),
        least.pk: (0, 0, 0, -1),
    }
    assert {name: table[name].dtype.kind for name in ("foot", "own_low")} == {
        "foot": "i",
        "own_low": "i",
    }
    assert MAX_AMOUNT < 2**31 - 1
