"""Comfort while writing: rendered texts, figures in words, copies to start from."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from careers.models import Career, SalaryBand
from tests.factories import create_band, create_career, create_field, create_source
from tests.staff import client_of, create_staff, form_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
RENDERED = "/en/admin/careers/career/rendered/"
SAID = "/en/admin/careers/salaryband/said/"
TENFOLD = "About ten times, or a tenth of, the other figures of this career: a zero?"


# --- Texts ------------------------------------------------------------------------------------


def test_text_is_rendered_as_the_public_reads_it_and_as_safe(contributor):
    text = "# Day\n\n- **One**\n\n<script>x()</script> [a](javascript:x) [b](https://insee.fr)"
    html = contributor.post(RENDERED, {"text": text}).content.decode()
    assert html == (
        "<h3>Day</h3>\n<ul>\n<li><strong>One</strong></li>\n</ul>\n"
        "<p>&lt;script&gt;x()&lt;/script&gt; [a](javascript:x) "
        '<a href="https://insee.fr" rel="noopener nofollow">b</a></p>\n'
    )
    assert contributor.post(RENDERED).content == b""


@pytest.mark.parametrize("address", [RENDERED, SAID])
def test_writing_needs_the_permission_to_write(contributor, address):
    assert (
        client_of(create_staff("", "view_career", "view_salaryband")).post(address).status_code
        == 403
    )
    assert Client().post(address).status_code == 302
    assert contributor.get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(create_staff("editors"))
    assert strict.post(address).status_code == 403


def test_each_text_of_the_page_offers_its_view_and_no_other(contributor):
    page = contributor.get("/en/admin/careers/career/add/")
    fields = page.context["adminform"].form.fields
    shown = {name for name, field in fields.items() if "data-markdown" in field.widget.attrs}
    assert shown == {f"{name}_{language}" for name in Career.SECTIONS for language in ("fr", "en")}


# --- Figures ----------------------------------------------------------------------------------


def said(client, **fields):
    preset = {"period": "year", "range_kind": "published", "currency": "EUR"}
    return client.post(SAID, preset | fields).json()


def test_figure_is_said_in_both_languages_before_it_is_saved(contributor, regions):
    career = create_career(status="draft")
    answer = said(
        contributor, career=career.pk, region=regions["FR"].pk, low="45 000", high="100 000 €"
    )
    assert answer == {
        "fr": "45\u202f000 à 100\u202f000\u202f€",
        "en": "€45,000 to €100,000",
        "error": "",
        "oddities": [],
    }
    assert not SalaryBand.objects.exists()


def test_figure_says_what_is_wrong_instead(contributor):
    nothing = {"fr": "", "en": "", "oddities": []}
    assert said(contributor, low="beaucoup") == nothing | {
        "error": "“beaucoup” is not an amount. Write 45000 or 45 000,50."
    }
    assert said(contributor, low="2", high="1") == nothing | {
        "error": "The high amount is below the low amount."
    }
    assert said(contributor)["error"] == (
        "Give either an amount or the reason why there is none, never both and never neither."
    )


def test_figure_says_what_looks_odd_beside_its_siblings(contributor, regions):
    career = create_career(status="draft")
    band = create_band(career=career, region=regions["FR"], low=45_000, high=60_000)
    create_band(low=1, high=2)
    new = {"career": career.pk, "region": regions["FR"].pk, "low": "450000"}
    assert said(contributor, **new)["oddities"] == [TENFOLD]
    # Nothing is odd beside itself.
    assert said(contributor, **new, id=band.pk)["oddities"] == []
    dollars = said(contributor, region=regions["FR"].pk, low="45000", currency="USD")
    assert dollars["oddities"] == ["This is not the currency of the region."]


def test_form_of_a_career_says_what_looks_odd_about_its_saved_figures(contributor, regions):
    career = create_career(status="draft")
    there = reverse("admin:careers_career_change", args=[career.pk])

    def asked(levels):
        for level in levels:
            create_band(career=career, region=regions["FR"], low=45_000, level=level)
        with CaptureQueriesContext(connection) as queries:
            page = contributor.get(there)
        return page.content.decode(), len(queries)

    asked(["entry"])
    page, few = asked(["mid"])
    assert "oddities" not in page
    create_band(career=career, region=regions["FR"], low=450_000)
    page, more = asked(["senior", "lead"])
    assert page.count(f"<li>{TENFOLD}</li>") == 1
    # No more for three more figures.
    assert more == few


def test_warnings_never_refuse(contributor, regions):
    career = create_career(status="draft", published_at=None)
    create_band(career=career, region=regions["FR"], low=45_000)
    band = create_band(career=career, region=regions["DE"], low=45_000)
    there = reverse("admin:careers_salaryband_change", args=[band.pk])
    sent = form_of(contributor.get(there)) | {"low": "450000", "currency": "USD"}
    assert contributor.post(there, sent).status_code == 302
    assert SalaryBand.objects.get(pk=band.pk).low == 450_000


# --- Copies -----------------------------------------------------------------------------------


def opened(client, model, like):
    page = client.get(f"/en/admin/careers/{model}/add/?like={like}")
    return {name: value for name, value in form_of(page).items() if value and name[0] != "_"}


def test_career_like_another_has_its_texts_and_not_its_names(contributor):
    field = create_field()
    career = create_career(
        title_fr="Modèle",
        alternative_titles_fr="Exemple",
        tasks_fr="Un",
        skills_en="Two",
        rome_code="M1805",
        field=field,
    )
    filled = opened(contributor, "career", career.pk)
    assert {n: v for n, v in filled.items() if not n.startswith(("bands-", "csrf"))} == {
        "tasks_fr": "Un",
        "skills_en": "Two",
        "rome_code": "M1805",
        "field": str(field.pk),
    }
    assert Career.objects.count() == 1


def test_figure_like_another_is_filled_in_but_for_its_confirmation(contributor, regions):
    band = create_band(
        region=regions["FR"], low=45_000, level="mid", confirmed_on="2024-05-01", stated_as="said"
    )
    filled = opened(contributor, "salaryband", band.pk)
    del filled["csrfmiddlewaretoken"]
    assert filled == {
        "career": str(band.career_id),
        "region": str(regions["FR"].pk),
        "level": "mid",
        "low": "45000",
        "currency": "EUR",
        "period": "year",
        "range_kind": "published",
        "source": str(create_source().pk),
        "observed_on": "2023-04-30",
        "stated_as": "said",
    }


def test_copy_is_offered_to_those_who_may_add(contributor):
    band = create_band(high=1)
    there = reverse("admin:careers_salaryband_change", args=[band.pk])
    link = f'href="/en/admin/careers/salaryband/add/?like={band.pk}"'
    viewer = client_of(create_staff("", "view_salaryband"))
    assert link in contributor.get(there).content.decode()
    assert link not in viewer.get(there).content.decode()
    assert "low" not in opened(contributor, "salaryband", 999)
    adder = client_of(create_staff("", "add_salaryband"))
    assert "high" not in opened(adder, "salaryband", band.pk)
