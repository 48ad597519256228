"""The editors' screens: who may do what, and what the forms say."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from careers.models import Career, ExchangeRate, Region, SalaryBand, Source
from tests.factories import (
    create_band,
    create_career,
    create_field,
    create_rate,
    create_region,
    create_source,
)
from tests.staff import address, form_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
BANDS = "salaryband"


@pytest.fixture
def draft(db):
    return create_career(title_fr="Brouillon", status="draft", published_at=None)


@pytest.fixture
def public(db):
    return create_career(title_fr="Publié")


def titles(client, question):
    listed = client.get(address("changelist") + question).context["cl"].result_list
    return [career.title_fr for career in listed]


def run(client, action, *instances):
    """Tick these rows of a change list and run an action."""
    model = instances[0]._meta.model_name
    chosen = [instance.pk for instance in instances]
    data = {"action": action, "_selected_action": chosen, "post": "yes"}
    return client.post(address("changelist", model=model), data, follow=True)


def save(client, there, cells):
    """Open a form, type something into it and save; return what was sent and the answer."""
    sent = form_of(client.get(there)) | cells
    return sent, client.post(there, sent | {"_save": "Save"}, follow=True)


def new_band(number, region, **cells):
    """The fields of one more band in a career's form."""
    preset = {"period": "year", "range_kind": "published", "observed_on": "2023-04-30"}
    typed = {"region": region.pk, "source": create_source().pk} | preset | cells
    fields = {f"bands-{number}-{name}": str(value) for name, value in typed.items()}
    return {"bands-TOTAL_FORMS": str(number + 1)} | fields


def errors_of(response):
    """What the forms of a page have against what was typed, by the name of the field."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += inline.formset.forms
    return {
        form.add_prefix(name): list(messages)
        for form in forms
        for name, messages in form.errors.items()
    }


# --- Contributors -----------------------------------------------------------------------------


def test_contributor_adds_a_draft_with_its_figures(contributor, regions):
    cells = new_band(0, regions["FR"], high="100 000 €", currency="eur") | {
        "title_fr": "Éthicien en IA"
    }
    status = {"status": "published", "published_at_0": "2023-05-01", "published_at_1": "08:00"}
    _sent, done = save(contributor, address("add"), cells | status)
    assert done.redirect_chain == [(address("changelist"), 302)]
    values = Career.objects.values_list("slug", "title_fr", "status", "published_at")
    assert values.get() == ("ethicien-en-ia", "Éthicien en IA", "draft", None)
    band = SalaryBand.objects.get()
    assert (band.high, band.currency, band.annual_high_eur) == (100_000, "EUR", 100_000)
    assert band.career == Career.objects.get()


def test_contributor_edits_drafts_yet_publishes_none(contributor, editor, draft, regions):
    there = address("change", draft.pk)
    for client in (editor, contributor):
        shown = form_of(client.get(there)).keys()
        assert "title_fr" in shown
        assert not {"status", "published_at_0", "published_at"} & shown
    cells = {"title_fr": "Changé", "status": "published", "published_at_0": "2023-05-01"}
    save(contributor, there, cells | new_band(0, regions["FR"], high="1", currency="EUR"))
    draft.refresh_from_db()
    assert (draft.title_fr, draft.status, draft.published_at) == ("Changé", "draft", None)
    assert draft.bands.get().high == 1

    actions = dict(
        editor.get(address("changelist")).context["action_form"].fields["action"].choices
    )
    assert {"publish", "unpublish", "archive", "delete_selected"} <= actions.keys()
    run(contributor, "publish", draft)
    assert not Career.objects.filter(status="published").exists()


def test_contributor_changes_nothing_of_a_published_career(contributor, editor, public):
    band = create_band(career=public, high=1)
    there, its_band = address("change", public.pk), address("change", band.pk, model=BANDS)
    for page, field in ((there, "title_fr"), (there, "bands-0-high"), (its_band, "high")):
        assert field in form_of(editor.get(page))
        assert field not in form_of(contributor.get(page))
    sent = form_of(editor.get(there)) | {"title_fr": "Changé", "bands-0-high": "2"}
    assert contributor.post(there, sent).status_code == 403
    sent = form_of(editor.get(its_band)) | {"high": "2"}
    assert contributor.post(its_band, sent).status_code == 403
    for model, each in (("career", public), (BANDS, band)):
        delete = address("delete", each.pk, model=model)
        assert contributor.post(delete, {"post": "yes"}).status_code == 403
        assert run(contributor, "delete_selected", each).status_code in (200, 403)
    assert Career.objects.values_list("title_fr", "bands__high").get() == ("Publié", 1)


def test_contributor_gives_no_figure_to_a_published_career(contributor, editor, public, draft):
    band = create_band(career=draft, high=1)
    message = ["This career is published: an editor adds figures to it."]
    other = {"career": str(public.pk)}
    moved = save(contributor, address("change", band.pk, model=BANDS), other)[1]
    assert errors_of(moved) == {"career": message}

    cells = {"region": band.region.pk, "source": band.source.pk, "observed_on": "2024-01-01"}
    cells |= {"high": "2", "currency": "EUR"}
    added = save(contributor, address("add", model=BANDS), cells | other)[1]
    assert errors_of(added) == {"career": message}
    assert public.bands.count() == 0

    save(contributor, address("add", model=BANDS), cells | {"career": draft.pk})
    save(editor, address("add", model=BANDS), cells | other)
    figures = set(SalaryBand.objects.values_list("career__title_fr", "high"))
    assert figures == {("Brouillon", 1), ("Brouillon", 2), ("Publié", 2)}


def test_contributor_deletes_figures_of_drafts_and_no_career(contributor, draft):
    band = create_band(career=draft, high=1)
    delete = address("delete", band.pk, model=BANDS)
    assert contributor.post(delete, {"post": "yes"}).status_code == 302
    assert contributor.post(address("delete", draft.pk), {"post": "yes"}).status_code == 403
    run(contributor, "delete_selected", draft)
    assert (Career.objects.count(), SalaryBand.objects.count()) == (1, 0)


def test_contributor_adds_sources_and_changes_none(contributor, db):
    source = create_source()
    cells = {"title": "Insee", "slug": "insee"}
    save(contributor, address("add", model="source"), cells)
    assert contributor.post(address("change", source.pk, model="source"), cells).status_code == 403
    for model in ("region", "exchangerate"):
        assert contributor.post(address("add", model=model), cells).status_code == 403
    assert set(Source.objects.values_list("slug", flat=True)) == {"article-2023", "insee"}


# --- Editors ----------------------------------------------------------------------------------


def test_editor_finds_careers_whatever_their_accents(editor):
    for title in ("Ingénieur en IA", "Ingénieure du son", "Éthicien", "Œnologue"):
        create_career(title_fr=title)
    assert titles(editor, "?q=INGENIEUR") == ["Ingénieur en IA", "Ingénieure du son"]
    assert titles(editor, "?q=ia+ingenieur") == ["Ingénieur en IA"]
    assert titles(editor, "?q=OENO") == ["Œnologue"]
    assert titles(editor, "?q=génie") == []


def test_editor_finds_figures_by_career_region_and_source(editor, golden):
    def found(words):
        context = editor.get(address("changelist", model=BANDS) + f"?q={words}").context
        return {(band.career.slug, band.region.code) for band in context["cl"].result_list}

    assert found("ETHICIEN") == {("ethicien-en-ia", "FR")}
    assert found("prompt") == {("ingenieur-prompt", "150"), ("ingenieur-prompt", "US")}
    assert found("etats-unis") == set()
    assert found("États-Unis") == {("ingenieur-prompt", "US")}
    assert len(found("cinq+métiers")) == 6


def test_career_form_says_each_figure_in_both_languages(editor, golden):
    page = editor.get(address("change", golden["ethicien-en-ia"].pk)).content.decode()
    french = "45\u202f000 à 100\u202f000\u202f€ en moyenne"
    assert f'<span lang="fr">{french}</span>' in page
    assert '<span lang="en">€45,000 to €100,000 on average</span>' in page


def test_career_form_leaves_many_figures_to_their_list(editor, draft):
    region, source = create_region(), create_source()
    for number in range(30):
        create_band(
            career=draft,
            region=region,
            source=source,
            high=1,
            level="",
            stated_as=number,
            observed_on=f"2023-05-{number + 1:02}",
        )
    create_band(high=1)
    assert "bands-29-high" in form_of(editor.get(address("change", draft.pk)))
    create_band(career=draft, region=region, source=source, high=1)
    response = editor.get(address("change", draft.pk))
    assert not [name for name in form_of(response) if name.startswith("bands-")]
    there = f"{address('changelist', model=BANDS)}?career__id__exact={draft.pk}"
    assert f'href="{there}"' in response.content.decode()
    assert editor.get(there).context["cl"].result_count == 31


def test_career_form_keeps_all_that_was_typed_beside_a_broken_figure(editor, draft):
    band = create_band(career=draft, low=1, high=2)
    typed = {
        "title_fr": "Titre changé",
        "tasks_fr": "\n\n  - Un <b>\n",
        "bands-0-low": "100 000,50 €",
        "bands-0-high": "45\u202f000",
        "bands-0-stated_as": 'dit "non" & <oui>',
    }
    cells = typed | new_band(1, band.region, high="beaucoup", level="mid")
    sent, refused = save(editor, address("change", draft.pk), cells)
    errors = errors_of(refused)
    assert errors["bands-0-high"] == ["The high amount is below the low amount."]
    assert errors["bands-1-high"] == ["“beaucoup” is not an amount. Write 45000 or 45 000,50."]
    shown = form_of(refused)
    del sent["csrfmiddlewaretoken"]
    assert {name: shown[name] for name in sent} == sent
    assert Career.objects.values_list("title_fr", "bands__low").get() == ("Brouillon", 1)


AMOUNTS = [
    ("45 000,50 €", "45000.50", "45000.5"),
    ("45\u202f000\u00a0€", "45000", "45000"),
    ("53,400", "53400", "53400"),
    ("12.125", "12.125", "12.125"),
    ("0", "0", "0"),
]


@pytest.mark.parametrize(("typed", "amount", "shown"), AMOUNTS)
def test_band_form_takes_amounts_as_editors_write_them(editor, typed, amount, shown):
    there = address("change", create_band(high=1).pk, model=BANDS)
    save(editor, there, {"high": typed, "currency": "chf"})
    band = SalaryBand.objects.get()
    assert (band.high, band.currency) == (Decimal(amount), "CHF")
    assert form_of(editor.get(there))["high"] == shown


RULES = [
    ({"high": "", "low": ""}, "no_figure_reason", "Give either an amount or the reason why"),
    ({"no_figure_reason": "varies"}, "no_figure_reason", "Give either an amount or the reason"),
    ({"low": "-1"}, "low", "The low amount is below zero."),
    ({"median": "1000"}, "median", "The median is above the high amount."),
    ({"high": "", "low": "1", "open_ended": "on"}, "open_ended", "“Open ended” says that"),
    ({"currency": ""}, "currency", "An amount needs a currency, for example EUR."),
    ({"currency": "ZZZ"}, "currency", "“ZZZ” is not an ISO 4217 currency code"),
    ({"level": "mid"}, "__all__", "This source already has a figure for this career"),
]


@pytest.mark.parametrize(("cells", "field", "message"), RULES)
def test_band_form_says_which_rule_is_broken(editor, cells, field, message):
    band = create_band(high=100)
    create_band(career=band.career, level="mid", high=100)
    there = address("change", band.pk, model=BANDS)
    [(at, [said])] = errors_of(save(editor, there, cells)[1]).items()
    assert (at, said[: len(message)]) == (field, message)
    assert SalaryBand.objects.get(pk=band.pk).high == 100


def test_career_form_refuses_the_same_figure_twice(editor, regions):
    same = {"high": "1", "currency": "EUR"}
    cells = new_band(0, regions["FR"], **same) | new_band(1, regions["FR"], **same)
    _sent, refused = save(editor, address("add"), cells | {"title_fr": "Neuf"})
    [inline] = refused.context["inline_admin_formsets"]
    assert len(inline.formset.non_form_errors()) == 1
    assert not Career.objects.exists()


def test_view_on_site_leads_to_pages_that_the_public_sees(editor, public, draft):
    planned = create_career(title_fr="Bientôt", published_at=timezone.now().replace(year=2999))
    for career, there in ((public, "/en/careers/publie/"), (draft, None), (planned, None)):
        page = editor.get(address("change", career.pk))
        assert page.context.get("absolute_url") == there
        assert ("View on site" in page.content.decode()) is bool(there)


def test_view_on_site_is_offered_for_what_has_a_page(editor, public, draft, france):
    field, empty = create_field(name_fr="Données"), create_field(name_fr="Bois")
    Career.objects.update(field=field)
    Career.objects.filter(pk=draft.pk).update(field=empty)
    band, unread = (create_band(career=each, region=france, high=1) for each in (public, draft))
    source = create_source()
    for each, there in (
        (field, "/en/fields/donnees/"),
        (empty, None),
        (band, f"/en/careers/publie/figures/{band.pk}/"),
        (unread, None),
        (france, None),
        (source, None),
    ):
        model = each._meta.model_name
        page = editor.get(address("change", each.pk, model=model))
        assert (model, page.context.get("absolute_url")) == (model, there)
        assert ("View on site" in page.content.decode()) is bool(there)


def test_region_in_use_is_not_deleted(editor, regions):
    band = create_band(region=regions["FR-IDF"], high=1)
    create_band(region=regions["DE"], high=1).delete()
    delete = address("delete", regions["FR-IDF"].pk, model="region")
    refused = editor.post(delete, {"post": "yes"})
    assert refused.status_code == 200
    assert f"/salaryband/{band.pk}/change/" in str(refused.context["protected"])
    run(editor, "delete_selected", regions["FR-IDF"], regions["FR"], regions["150"])
    assert Region.objects.count() == 7
    unused = address("delete", regions["DE"].pk, model="region")
    assert editor.post(unused, {"post": "yes"}).status_code == 302
    assert set(Region.objects.values_list("code", flat=True)) == regions.keys() - {"DE"}


def test_region_code_is_chosen_once(editor, regions):
    there = address("change", regions["FR"].pk, model="region")
    assert "code" in form_of(editor.get(address("add", model="region")))
    save(editor, there, {"code": "XX", "name_en": "The French"})
    assert Region.objects.values_list("code", "path").get(name_en="The French") == (
        "FR",
        "001/150/FR/",
    )


def test_exchange_rate_is_never_deleted(editor, db):
    rate = create_rate()
    delete = address("delete", rate.pk, model="exchangerate")
    assert editor.post(delete, {"post": "yes"}).status_code == 403
    run(editor, "delete_selected", rate)
    assert ExchangeRate.objects.get() == rate


@pytest.mark.parametrize("model", ["career", BANDS, "region", "source", "field", "exchangerate"])
def test_list_asks_no_more_for_more_rows(editor, model):
    def asked(numbers):
        for n in numbers:
            parent = Region.objects.filter(code="R0").first()
            region = create_region(code=f"R{n}", parent=parent)
            create_band(high=1, region=region, source=create_source(slug="s"))
            Source.objects.create(slug=f"s{n}", title=f"S{n}")
            create_field(name_fr=f"F{n}")
            create_rate(fixed_on=f"2023-04-{n + 1:02}")
        with CaptureQueriesContext(connection) as queries:
            page = editor.get(address("changelist", model=model))
        assert len(page.context["cl"].result_list) >= numbers.stop
        return len(queries)

    asked(range(1))  # what Django keeps in memory from now on
    assert asked(range(1, 3)) == asked(range(3, 30)) <= 25
