"""A draft as the public would see it, and the link that shows it to somebody without an account."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from careers.models import Career, Draft, SalaryBand
from tests.factories import LONG_AGO, create_band, create_career
from tests.pages import text_of
from tests.staff import client_of, create_staff
from tests.test_drafting import at, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def public(regions):
    career = create_career(title_fr="Publié", title_en="Public", summary_fr="Avant")
    create_band(career=career, region=regions["FR"], low=30_000, high=40_000)
    return career


@pytest.fixture
def draft(regions):
    career = create_career(
        title_fr="Brouillon", title_en="A draft", status="draft", published_at=None
    )
    create_band(career=career, region=regions["FR"], low=30_000, high=40_000)
    return career


def frames_of(client, career):
    page = client.get(at(career, "preview_page"))
    return [frame.address for frame in page.context["frames"]]


def shared_by(client, career):
    return (
        client.get(at(career, "preview_page")).context["shared"].removeprefix("http://testserver")
    )


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Career, SalaryBand, Draft)]


def test_draft_is_seen_in_both_languages_as_the_public_would_see_it(editor, draft):
    before = everything()
    seen = {}
    for address in frames_of(editor, draft):
        page = editor.get(address)
        html = page.content.decode()
        seen[re.search(r'<html lang="(..)"', html)[1]] = text_of(page)
        assert '<base target="_blank">' in html
        assert "Editors" in html or "Rédaction" in html
    assert seen.keys() == {"fr", "en"}
    assert "Brouillon" in seen["fr"]
    assert "30 000 à 40 000 €" in seen["fr"]
    assert "A draft" in seen["en"]
    assert "€30,000 to €40,000" in seen["en"]
    assert everything() == before
    assert Client().get(f"/metiers/{draft.slug}/").status_code == 404


def test_working_draft_is_seen_with_its_new_figures_and_the_public_page_stays(
    editor, public, regions
):
    new = {
        "bands-TOTAL_FORMS": "2",
        "bands-1-region": regions["DE"].pk,
        "bands-1-source": SalaryBand.objects.get().source.pk,
        "bands-1-period": "year",
        "bands-1-range_kind": "published",
        "bands-1-observed_on": "2024-04-30",
        "bands-1-low": "50 000 €",
        "bands-1-currency": "EUR",
    }
    write(editor, public, summary_fr="Après", slug="autre", **new)
    before = everything()
    page = text_of(editor.get(frames_of(editor, public)[0]))
    assert ("Après" in page, "Avant" in page, "plus de 50 000 €" in page) == (True, False, True)
    assert everything() == before
    shown = text_of(Client().get(f"/metiers/{public.slug}/"))
    assert ("Après" in shown, "Avant" in shown) == (False, True)


def test_preview_is_that_of_the_public_page_but_for_its_banner(editor, public):
    """The page of a career that is public already, previewed, is the public page."""
    preview = editor.get(frames_of(editor, public)[1])
    assert text_of(preview) == text_of(Client().get(f"/en/careers/{public.slug}/"))


def test_what_stands_in_the_way_of_publishing_is_said_instead(editor, public):
    nameless = create_career(title_fr="", title_en="Nameless", status="draft", published_at=None)
    assert "“Nameless” needs a French title first." in text_of(
        editor.get(frames_of(editor, nameless)[1])
    )
    write(editor, public, title_fr="", **{"bands-0-high": "beaucoup"})
    page = editor.get(frames_of(editor, public)[1])
    assert "A published career needs a French title." in text_of(page)
    assert "“beaucoup” is not an amount." in text_of(page)
    assert {"private", "no-store"} <= set(page["Cache-Control"].split(", "))


def test_preview_is_for_those_who_may_look_and_its_link_for_those_who_may_change(draft):
    viewer = client_of(create_staff("", "view_career"))
    page = viewer.get(at(draft, "preview_page"))
    assert (page.status_code, "shared" in page.context) == (200, False)
    nobody = client_of(create_staff())
    for view in ("preview_page", "preview_frame"):
        assert nobody.get(at(draft, view)).status_code == 403
        assert Client().get(at(draft, view)).status_code == 302
    missing = reverse("admin:careers_career_preview_page", args=[999])
    assert viewer.get(missing).status_code == 404


def test_only_the_frame_may_be_framed_and_nothing_is_kept(editor, draft):
    headers = ("X-Robots-Tag", "Referrer-Policy", "X-Frame-Options")
    private = ("noindex, nofollow", "no-referrer")
    frame = editor.get(at(draft, "preview_frame"))
    assert tuple(frame[name] for name in headers) == (*private, "SAMEORIGIN")
    shared = Client().get(shared_by(editor, draft))
    assert tuple(shared[name] for name in headers) == (*private, "DENY")
    assert shared["Cache-Control"] == "private, no-store"
    assert {"private", "no-store"} <= set(frame["Cache-Control"].split(", "))
    assert shared.cookies == {}


# --- The link ---------------------------------------------------------------------------------


def test_link_opens_the_draft_without_an_account_under_a_banner_in_its_language(editor, draft):
    link = shared_by(editor, draft)
    english = Client().get(link)
    french = Client().get(link.removeprefix("/en"))
    assert "Preview: this page is not public." in english.content.decode()
    assert '<html lang="fr">' in french.content.decode()
    assert 'class="preview-banner"' in french.content.decode()
    assert ("A draft" in text_of(english), "Brouillon" in text_of(french)) == (True, True)
    # The other language is one click away.
    assert f'href="{link.removeprefix("/en")}"' in english.content.decode()
    assert Client().post(link).status_code == 405


def test_link_shows_its_working_draft_alone_until_it_is_discarded(editor, public):
    without = shared_by(editor, public)
    assert Client().get(without)["Location"] == f"/en/careers/{public.slug}/"
    write(editor, public, summary_fr="Après")
    link = shared_by(editor, public)
    assert "Après" in text_of(Client().get(link))
    # The link of the career as it was does not show what was drafted since.
    assert Client().get(without)["Location"] == f"/en/careers/{public.slug}/"
    editor.post(at(public, "draft_discard"))
    write(editor, public, summary_fr="Un autre")
    ended = Client().get(link)
    assert ended.status_code == 404
    assert "Un autre" not in ended.content.decode()


def test_link_ends_with_what_it_shows(editor, draft, public):
    link = shared_by(editor, draft)
    Career.objects.filter(pk=draft.pk).update(status="archived")
    assert Client().get(link).status_code == 404
    Career.objects.filter(pk=draft.pk).update(status="published", published_at=LONG_AGO)
    assert Client().get(link)["Location"] == f"/en/careers/{draft.slug}/"
    Career.objects.filter(pk=draft.pk).delete()
    assert Client().get(link).status_code == 404


def test_link_expires_after_seven_days(editor, draft, monkeypatch):
    link = shared_by(editor, draft)
    now = timezone.now()
    for days, status in ((7, 200), (8, 404)):
        later = (now + timedelta(days=days, minutes=-1)).timestamp()
        monkeypatch.setattr("django.core.signing.time.time", lambda later=later: later)
        assert Client().get(link).status_code == status


def test_forged_link_shows_nothing(editor, draft):
    start, token = shared_by(editor, draft).rstrip("/").rsplit("/", 1)
    for forged in (token[:-1], "x" + token[1:]):
        answer = Client().get(f"{start}/{forged}/")
        assert answer.status_code == 404
        assert "A draft" not in answer.content.decode()


def test_previewed_draft_waits_for_its_moment(editor, draft):
    """A career set to be published shows its preview, and is no earlier public for that."""
    Career.objects.filter(pk=draft.pk).update(
        status="published", published_at=timezone.now() + timedelta(days=1)
    )
    before = everything()
    assert "A draft" in text_of(Client().get(shared_by(editor, draft)))
    assert everything() == before


def test_preview_takes_its_draft_back_even_when_the_page_fails(editor, public, monkeypatch):
    write(editor, public, summary_fr="Après")
    before = everything()

    def fail(*args, **kwargs):
        raise RuntimeError("the page fails")

    monkeypatch.setattr("careers.admin.previewing._public_page", fail)
    with pytest.raises(RuntimeError):
        editor.get(at(public, "preview_frame"))
    assert everything() == before
