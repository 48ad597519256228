"""Export → import changes nothing, for random rows of the worst strings there are."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from careers.admin.exports import KINDS
from careers.models import Career, ExchangeRate, Field, Region, SalaryBand, Source, derive
from careers.resources import RESOURCES
from careers.spreadsheets import TableError
from careers.tables import PROFILES
from tests.factories import (
    band_fields,
    create_bands,
    create_career,
    create_field,
    create_regions,
    undone,
)
from tests.files import counted, exported, planned_file

pytestmark = pytest.mark.django_db
each_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda p: p.slug)
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
each_language = pytest.mark.parametrize("language", ["fr", "en"])

# Formulas, quotes, marks, delimiters, line ends, direction, what is not seen, what no font has.
WORST = [
    *("=1+1", "+33 1", "-1", "@SUM(A1)", "＝1", "'=1", "''", '"', '""=1', "' \"=1", "\t=1"),
    *("a,b;c|d\te", "a\nb", "a\r\nb", "\r", "\n=1", "sep=;", "#", "*", "..", ">=5", "x", "nd"),
    *("مهندس", "\u202e123\u202c", "\u200b", "\u00ad", "\ufeff", "\u2028", "\x01\x1f\x7f\x85"),
    *("😀👩🏽\u200d🚀", "e\u0301", "ﬁ", "İ", "ß", "1e5", "001", "2023-04-30", "TRUE", "NULL"),
    *("Source : moi", "* note", "version", "low", " ", "\u202f", "C:\\x", "\\N", "<b>&amp;</b>"),
]
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.one_of(
    st.sampled_from(WORST),
    st.text(CHARACTERS, max_size=8),
    st.lists(st.sampled_from(WORST), max_size=3).map("".join),
)
PAIRS = st.tuples(TEXTS, TEXTS)
several = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def unchanged(name, kind, language):
    """Whether the export of all rows, planned again, changes none and reads every one."""
    resource = RESOURCES[name]
    count = resource.model.objects.count()
    with translation.override(language):
        chunks = resource.chunks(resource.model.objects.all())
        again = planned_file(name, b"".join(kind.write(resource.header(), chunks)))
    assert (counted(again), again.made, again.unread, again.table.skipped) == (
        {"unchanged": count} if count else {},
        [],
        [],
        [],
    )


@each_kind
@each_language
@several
@given(rows=st.lists(st.tuples(PAIRS, PAIRS, PAIRS), min_size=1, max_size=4))
@example(rows=[((text, text), (text, text), (text, text)) for text in WORST])
def test_careers_come_back(kind, language, rows):
    with undone():
        for number, (titles, summaries, tasks) in enumerate(rows):
            create_career(
                slug=f"c{number}",
                title_fr=f"x{titles[0]}",
                title_en=titles[1],
                field=create_field(name_fr=f"{number}{titles[1]}"),
                outlook_fr=tasks[1],
                rome_code="A1101",
                isco_code="0110",
                soc_code="11-1011.00",
                esco_uri="http://data.europa.eu/esco/occupation/1",
                checked_on=date(2024, 2, 29),
                unpublished_at=datetime(2099, 1, 1, tzinfo=UTC),
                summary_fr=summaries[0],
                summary_en=summaries[1],
                tasks_fr=tasks[0],
                alternative_titles_fr=tasks[1],
                published_at=datetime(2023, 5, 1, 8, 30, number, 123456, tzinfo=UTC),
            )
        unchanged("career", kind, language)


@each_kind
@each_language
@several
@given(rows=st.lists(st.tuples(PAIRS, PAIRS), min_size=1, max_size=4))
@example(rows=[((text, text), (text, text)) for text in WORST])
def test_sources_regions_fields_and_rates_come_back(kind, language, rows):
    with undone():
        world = Region(code="001", kind="world", name_fr="Monde")
        world.save()
        for number, ((title, other), (note, more)) in enumerate(rows):
            Source.objects.create(
                slug=f"s{number}", title=f"x{title}", publisher=other, note_fr=note, licence=more
            )
            region = {"name_fr": f"x{title}", "name_en": other, "parent": world}
            Region(code=f"R{number}", kind="country", **region).save()
            names = {"name_fr": f"{number}{title}", "name_en": other}
            Field.objects.create(slug=f"f{number}", note_fr=note, note_en=more, **names)
        for currency, rate in (("USD", "1.234567"), ("GBP", "0.125"), ("JPY", "147.1")):
            ExchangeRate.objects.create(currency=currency, fixed_on="2023-04-28", rate=rate)
        for name in ("source", "region", "field", "exchangerate"):
            unchanged(name, kind, language)


@each_kind
@each_language
@several
@given(rows=st.lists(band_fields(), min_size=1, max_size=6), texts=st.tuples(PAIRS, PAIRS))
def test_salary_bands_come_back(kind, language, rows, texts):
    (stated, note), (french, english) = texts
    with undone():
        create_regions()
        create_bands(career=create_career(title_fr=f"x{stated}", title_en=french), rows=rows)
        bands = list(SalaryBand.objects.all())
        for band in bands:
            band.stated_as, band.inferred_fr, band.inferred_en = stated, french, english
            band.no_figure_note_fr = note
        derive(bands)
        SalaryBand.objects.bulk_update(
            bands, ["stated_as", "inferred_fr", "inferred_en", "no_figure_note_fr"]
        )
        unchanged("salaryband", kind, language)


@each_profile
@pytest.mark.usefixtures("english")
def test_a_nul_is_refused_by_the_name_of_its_row(profile):
    create_career(slug="a", title_fr="A")
    create_career(slug="b", title_fr="B", summary_fr="a NUL here")
    content = exported("career", profile).replace(b"a NUL here", b"a \0 here")
    with pytest.raises(TableError, match=r"^Row 3 holds a NUL character: .*not a text file\.$"):
        planned_file("career", content)
    assert Career.objects.count() == 2
