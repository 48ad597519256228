import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError
from django.http import QueryDict

from careers import areas, index
from careers.answers import Group
from careers.filters import CareerFilter
from careers.models import Career, Region, SalaryBand
from careers.salaries import NotComparable
from tests.factories import (
    create_band,
    create_career,
    create_region,
    create_source,
    new_band,
    refused_by_database,
)

pytestmark = pytest.mark.django_db

# What an UPDATE must not be able to do to a region.
REFUSED = {
    "careers_region_parent_not_itself": {"parent": F("pk")},
    "careers_region_path_ends_with_code": {"path": "001/150/XX/"},
}


def paths():
    return set(Region.objects.values_list("path", flat=True))


@pytest.mark.parametrize("constraint", REFUSED)
def test_region_constraint_is_kept_by_the_database(regions, constraint):
    with refused_by_database(constraint):
        Region.objects.filter(code="FR").update(**REFUSED[constraint])


@pytest.mark.parametrize("column", ["code", "path"])
def test_region_column_is_unique_in_the_database(regions, column):
    twin = Region(code="FR", path="FR/", kind="country", name_fr="F", name_en="F")
    if column == "path":
        twin = Region(code="R", path=regions["FR"].path, kind="country", name_fr="F", name_en="F")
    with pytest.raises(IntegrityError, match=f"careers_region.{column}"), transaction.atomic():
        Region.objects.bulk_create([twin])


@pytest.mark.usefixtures("english")
def test_region_messages_are_an_editors(regions):
    france = regions["FR"]
    france.parent = france
    with pytest.raises(ValidationError) as itself:
        france.full_clean()
    assert itself.value.message_dict == {"parent": ["A region cannot lie within itself."]}

    regions["FR-75C"].path = "001/"
    [kept] = [c for c in Region._meta.constraints if c.name.endswith("path_ends_with_code")]
    with pytest.raises(ValidationError) as elsewhere:
        kept.validate(Region, regions["FR-75C"])
    assert elsewhere.value.messages == ["The path of a region ends with its code."]

    with pytest.raises(ValidationError) as slash:
        Region(code="FR/IDF", kind="country", name_fr="F", name_en="F").full_clean()
    assert slash.value.message_dict["code"] == ["A code holds no slash."]


def test_region_that_is_new_or_renamed_passes_full_clean(regions):
    Region(code="ES", parent=regions["150"], kind="country", name_fr="E", name_en="S").full_clean()
    regions["FR"].code = "FX"
    regions["FR"].full_clean()


# --- The tree ---------------------------------------------------------------------------------


def test_region_path_holds_the_codes_from_the_root(regions):
    assert {region.code: region.path for region in Region.objects.all()} == {
        "001": "001/",
        "150": "001/150/",
        "FR": "001/150/FR/",
        "DE": "001/150/DE/",
        "US": "001/US/",
        "FR-IDF": "001/150/FR/FR-IDF/",
        "FR-75C": "001/150/FR/FR-IDF/FR-75C/",
    }
    assert [regions[code].depth for code in ("001", "150", "FR", "FR-75C")] == [0, 1, 2, 4]


def test_region_within_is_itself_and_its_parts(regions):
    def within(code):
        return {region.code for region in Region.objects.within(regions[code])}

    assert within("FR") == {"FR", "FR-IDF", "FR-75C"}
    assert within("FR-75C") == {"FR-75C"}
    assert within("001") == set(regions)


def test_region_containing_are_the_wider_areas_the_narrowest_first(regions):
    def containing(code):
        return [region.code for region in Region.objects.containing(regions[code])]

    assert containing("FR-75C") == ["FR-IDF", "FR", "150", "001"]
    assert containing("US") == ["001"]
    assert containing("001") == []
    assert regions["FR-75C"].wider_codes == ["001", "150", "FR", "FR-IDF"]
    assert regions["001"].wider_codes == []


def test_region_contains_itself_and_its_parts(regions):
    contained = {code for code, region in regions.items() if regions["FR"].contains(region)}
    assert contained == {"FR", "FR-IDF", "FR-75C"}


@pytest.mark.parametrize(("short", "long"), [("FR", "FRX"), ("FR-1", "FR-10"), ("F", "FR")])
def test_region_siblings_with_a_common_prefix_stay_apart(short, long):
    world = create_region(code="001", kind=Region.Kind.WORLD)
    for code in (short, long):
        region = create_region(code=code, parent=world)
        create_region(code=f"{code}-P", parent=region)
    region = Region.objects.get(code=short)

    assert {part.code for part in Region.objects.within(region)} == {short, f"{short}-P"}
    assert not region.contains(Region.objects.get(code=long))
    longer = Region.objects.get(code=f"{long}-P")
    assert {area.code for area in Region.objects.containing(longer)} == {"001", long}

    # Moving the one leaves the other where it is.
    region.parent = create_region(code="150", parent=world)
    region.save()
    assert paths() == {
        "001/",
        "001/150/",
        f"001/150/{short}/",
        f"001/150/{short}/{short}-P/",
        f"001/{long}/",
        f"001/{long}/{long}-P/",
    }


def test_region_letters_of_like_are_letters():
    root = create_region(code="A_")
    create_region(code="A1")
    create_region(code="A%")
    assert {region.code for region in Region.objects.within(root)} == {"A_"}


def test_region_moved_takes_its_parts_along(regions):
    regions["FR"].parent = regions["US"]
    regions["FR"].save()
    assert paths() == {
        "001/",
        "001/150/",
        "001/150/DE/",
        "001/US/",
        "001/US/FR/",
        "001/US/FR/FR-IDF/",
        "001/US/FR/FR-IDF/FR-75C/",
    }


def test_region_whose_code_changes_takes_its_parts_along(regions):
    regions["FR"].code = "FX"
    regions["FR"].save()
    assert paths() == {
        "001/",
        "001/150/",
        "001/150/DE/",
        "001/150/FX/",
        "001/150/FX/FR-IDF/",
        "001/150/FX/FR-IDF/FR-75C/",
        "001/US/",
    }


def test_region_moved_by_update_or_create_stands_where_its_parts_do(regions):
    """update_or_create saves only the fields it was given: the path must still follow."""
    Region.objects.update_or_create(code="FR", defaults={"parent": regions["US"]})
    assert set(Region.objects.filter(code__startswith="FR").values_list("path", flat=True)) == {
        "001/US/FR/",
        "001/US/FR/FR-IDF/",
        "001/US/FR/FR-IDF/FR-75C/",
    }


@pytest.mark.parametrize("parent", ["FR", "FR-IDF", "FR-75C"])
def test_region_cycle_is_not_saved(regions, parent):
    before = paths()
    france = Region.objects.get(code="FR")
    france.parent = regions[parent]
    with pytest.raises(ValidationError):
        france.save()
    assert paths() == before
    assert Region.objects.get(code="FR").parent == regions["150"]


def test_region_cycle_through_a_parent_loaded_before_it_moved_is_not_saved(regions):
    stale = Region.objects.get(code="DE")
    germany = Region.objects.get(code="DE")
    germany.parent = regions["FR"]
    germany.save()
    france = Region.objects.get(code="FR")
    france.parent = stale  # in memory still beside France
    with pytest.raises(ValidationError):
        france.save()
    assert Region.objects.get(code="FR").path == "001/150/FR/"


def test_region_with_figures_or_parts_is_not_deleted(regions):
    create_band(region=regions["FR-75C"], low=1)
    for code in ("FR-75C", "FR"):
        with pytest.raises(ProtectedError):
            regions[code].delete()
    assert set(Region.objects.values_list("code", flat=True)) == set(regions)

    regions["US"].delete()
    assert not Region.objects.filter(code="US").exists()


def test_region_code_na_is_namibia(regions):
    africa = create_region(code="002", parent=regions["001"], kind=Region.Kind.CONTINENT)
    create_region(code="NA", parent=africa, name_fr="Namibie", name_en="Namibia")
    namibia = Region.objects.get(code="NA")
    assert (namibia.code, namibia.path, namibia.name) == ("NA", "001/002/NA/", "Namibie")
    assert str(namibia) == "Namibie (NA)"
    assert list(Region.objects.within(namibia)) == [namibia]


def test_region_code_is_in_capitals_once_clean(regions):
    spain = Region(code="es", parent=regions["150"], kind="country", name_fr="E", name_en="S")
    spain.clean()
    spain.save()
    assert (spain.code, spain.path) == ("ES", "001/150/ES/")


# --- Its yearly hours -------------------------------------------------------------------------


def a_year(band):
    """The yearly amount of the band's `low`, as the database has it."""
    band = SalaryBand.objects.get(pk=band.pk)
    assert (band.low, band.annual_low_eur) == (10, band.annual_low)
    return band.annual_low


@pytest.mark.parametrize(
    ("code", "yearly"), [("FR", 16070), ("FR-IDF", 16070), ("FR-75C", 17000), ("US", 20800)]
)
def test_region_hours_are_those_of_the_nearest_area_that_states_them(regions, code, yearly):
    Region.objects.filter(code="001").update(yearly_hours=9999)
    Region.objects.filter(code="FR-75C").update(yearly_hours=1700)
    band = create_band(region=Region.objects.get(code=code), low=10, period="hour")
    assert a_year(band) == yearly


def test_region_without_hours_anywhere_compares_no_hourly_wage(regions):
    band = create_band(region=regions["DE"], low=10, period="hour")
    assert a_year(band) is None
    assert band.not_comparable == NotComparable.NO_YEARLY_HOURS


def test_region_of_no_hours_is_refused(regions):
    """They would make every hourly wage a yearly zero."""
    regions["FR"].yearly_hours = 0
    with pytest.raises(ValidationError) as refused:
        regions["FR"].full_clean()
    assert set(refused.value.message_dict) == {"yearly_hours"}


def test_region_hours_that_change_rebuild_its_bands_and_those_of_its_parts(regions):
    hourly = create_band(region=regions["FR-75C"], low=10, period="hour")
    yearly = create_band(region=regions["FR-75C"], low=10)
    elsewhere = create_band(region=regions["US"], low=10, period="hour")

    def all_a_year():
        return [a_year(band) for band in (hourly, yearly, elsewhere)]

    def change(code, **fields):
        region = Region.objects.get(code=code)
        for field, value in fields.items():
            setattr(region, field, value)
        region.save()

    assert all_a_year() == [16070, 10, 20800]
    change("FR", yearly_hours=1600)
    assert all_a_year() == [16000, 10, 20800]
    change("FR-75C", yearly_hours=1500)
    assert all_a_year() == [15000, 10, 20800]
    change("FR", yearly_hours=1700)
    assert all_a_year() == [15000, 10, 20800]
    change("FR-75C", yearly_hours=None)
    assert all_a_year() == [17000, 10, 20800]
    change("FR-IDF", parent=regions["US"])
    assert all_a_year() == [20800, 10, 20800]
    change("FR-IDF", parent=regions["DE"])
    assert all_a_year() == [None, 10, 20800]


# --- What a visitor may choose ----------------------------------------------------------------


def offered():
    return [region.code for region in areas.offered(*index.current())]


def test_region_offered_has_figures_of_published_careers_or_lies_around_them(regions):
    assert offered() == []
    create_band(region=regions["DE"], low=1)
    draft = create_career(title_fr="Brouillon", status="draft")
    new_band(career=draft, region=regions["FR-75C"], low=1, source=create_source()).save()
    assert offered() == ["001", "150", "DE"]


def test_region_offered_comes_as_a_tree_by_name_in_the_language(regions):
    create_region(code="AT", parent=regions["150"], name_fr="Autriche", name_en="Austria")
    create_region(code="CZ", parent=regions["150"], name_fr="Tchéquie", name_en="Czechia")
    create_region(code="EE", parent=regions["150"], name_fr="Estonie", name_en="Estonia")
    for code in ("AT", "CZ", "EE", "DE", "FR-75C", "US"):
        create_band(region=Region.objects.get(code=code), low=1)
    # Europe, États-Unis: accents do not count.
    assert offered() == [
        "001", "US", "150", "DE", "AT", "EE", "FR", "FR-IDF", "FR-75C", "CZ",
    ]  # fmt: skip


@pytest.mark.usefixtures("english")
def test_region_offered_in_english_is_sorted_in_english(regions):
    for code in ("DE", "FR", "US"):
        create_band(region=regions[code], low=1)
    assert offered() == ["001", "150", "FR", "DE", "US"]


# --- Asked for in a question ------------------------------------------------------------------


@pytest.mark.parametrize("code", ["FR", "FRX", "FR-7", "NA", "DE"])
def test_region_asked_answers_for_itself_and_its_parts_alone(regions, code):
    for other in ("FRX", "FR-7", "NA"):
        create_region(code=other, parent=regions["150"])
    for region in Region.objects.all():
        create_band(career=create_career(title_fr=region.code), region=region, low=90_000)
    asked = CareerFilter(QueryDict(f"region={code}&salary_min=80000"))
    by_group = {group: set() for group in Group}
    titles = dict(Career.objects.values_list("pk", "title_fr"))
    for pk, group in asked.numbers(Group).items():
        by_group[group].add(titles[pk])
    own = {"FR": {"FR", "FR-IDF", "FR-75C"}}.get(code, {code})
    assert by_group == {
        **{group: set() for group in Group},
        Group.SURE: own,
        Group.WIDER: {"001", "150"},
        Group.ABSENT: set(Region.objects.values_list("code", flat=True)) - own - {"001", "150"},
    }
