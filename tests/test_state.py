"""Any change of what the public sees is another state, and nothing else is."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone

from careers import state
from careers.models import Career, ExchangeRate, Field, Region, Report, SalaryBand, Source
from tests.factories import create_career, create_field

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 5, 1, 12, tzinfo=PARIS)


@pytest.fixture
def content(golden):
    create_field(name_fr="Données")
    return golden


MODELS = [Career, ExchangeRate, Field, Region, SalaryBand, Source]


@pytest.mark.parametrize("model", MODELS)
def test_whatever_is_saved_added_or_deleted_is_another_state(content, model):
    seen = [state.now()]
    row = model.objects.latest("pk")
    row.save()
    seen.append(state.now())
    model.objects.filter(pk=row.pk).update(id=row.pk)
    seen.append(state.now())
    if model is not Region and model is not Source:  # others hold on to them
        row.delete()
        seen.append(state.now())
    model.objects.filter(pk=0).delete()
    seen.append(state.now())
    assert len(set(seen)) == len(seen)


def test_what_nobody_sees_is_no_change(content, client):
    before = state.now()
    client.get("/metiers/")
    Report.objects.create(band=SalaryBand.objects.first(), message="Plus récent", language="fr")
    assert state.now() == before


def test_a_state_that_is_rolled_back_never_was(content):
    before = state.now()
    with transaction.atomic():
        create_career(title_fr="Jamais")
        within = state.now()
        transaction.set_rollback(True)
    assert state.now() == before != within


def test_planned_moments_are_exact(content, monkeypatch):
    """A minute before, at, and after the moments at which a career appears and disappears."""
    minute, day = timedelta(minutes=1), timedelta(days=1)
    create_career(
        title_fr="Prévu", status="published", published_at=NOON, unpublished_at=NOON + day
    )
    create_career(title_fr="Brouillon", status="draft", published_at=NOON + minute)

    def at(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return state.now()

    long_before = at(NOON - day)
    assert at(NOON - minute) == long_before
    published = at(NOON)
    assert published != long_before
    assert published.since == NOON
    assert at(NOON + minute) == published == at(NOON + day - minute)
    assert at(NOON + day).since == NOON + day
    # A clock that was set back.
    assert at(NOON - minute) == long_before
