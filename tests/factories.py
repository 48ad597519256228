"""Plain functions that make valid objects; a test names only what it is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import strategies as st

from careers.models import Career, ExchangeRate, Field, Region, SalaryBand, Source, derive
from careers.salaries import Amounts

APRIL_2023 = date(2023, 4, 30)
LONG_AGO = datetime(2023, 5, 1, 8, tzinfo=UTC)
_numbers = count(1)


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves no trace in the database: one example of a property test."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def refused_by_database(constraint: str, columns: str = "") -> Iterator[None]:
    """The database refuses by this constraint. SQLite names a unique one by its `columns`."""
    named = rf"\b{constraint}\b" + (f"|UNIQUE constraint failed: {columns}$" if columns else "")
    with pytest.raises(IntegrityError, match=named), transaction.atomic():
        yield


def amount(value: int | str | Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def figure(
    *,
    low: int | str | None = None,
    median: int | str | None = None,
    high: int | str | None = None,
    open_ended: bool = False,
    currency: str = "EUR",
    **fields: Any,
) -> Amounts:
    """A figure that no database has seen."""
    ends = {"low": amount(low), "median": amount(median), "high": amount(high)}
    return Amounts(**ends, open_ended=open_ended, currency=currency, **fields)


def create_region(
    *,
    code: str = "FR",
    parent: Region | None = None,
    kind: str = Region.Kind.COUNTRY,
    name_fr: str = "",
    name_en: str = "",
    yearly_hours: int | None = None,
) -> Region:
    return Region.objects.create(
        code=code,
        parent=parent,
        kind=kind,
        name_fr=name_fr or f"Région {code}",
        name_en=name_en or f"Region {code}",
        yearly_hours=yearly_hours,
    )


def create_regions() -> dict[str, Region]:
    world = create_region(code="001", kind=Region.Kind.WORLD, name_fr="Monde", name_en="World")
    europe = create_region(
        code="150", parent=world, kind=Region.Kind.CONTINENT, name_fr="Europe", name_en="Europe"
    )
    france = create_region(
        code="FR", parent=europe, name_fr="France", name_en="France", yearly_hours=1607
    )
    germany = create_region(code="DE", parent=europe, name_fr="Allemagne", name_en="Germany")
    states = create_region(
        code="US",
        parent=world,
        name_fr="États-Unis",
        name_en="United States",
        yearly_hours=2080,
    )
    around_paris = create_region(
        code="FR-IDF",
        parent=france,
        kind=Region.Kind.SUBDIVISION1,
        name_fr="Île-de-France",
        name_en="Île-de-France",
    )
    paris = create_region(
        code="FR-75C",
        parent=around_paris,
        kind=Region.Kind.SUBDIVISION2,
        name_fr="Paris",
        name_en="Paris",
    )
    all_regions = (world, europe, france, germany, states, around_paris, paris)
    return {region.code: region for region in all_regions}


def create_source(*, slug: str = "article-2023", title: str = "Cinq métiers de l’IA") -> Source:
    """The source of that slug, made when it is new: most tests need but one."""
    return Source.objects.get_or_create(slug=slug, defaults={"title": title})[0]


def create_field(*, name_fr: str = "Données", **fields: Any) -> Field:
    """The field of that name, made when it is new."""
    return Field.objects.get_or_create(name_fr=name_fr, defaults=fields)[0]


def create_rate(
    *, currency: str = "USD", fixed_on: date = date(2023, 4, 28), rate: str = "1.0981"
) -> ExchangeRate:
    return ExchangeRate.objects.create(currency=currency, fixed_on=fixed_on, rate=Decimal(rate))


def new_career(
    *,
    title_fr: str = "Data scientist",
    status: str = Career.Status.PUBLISHED,
    published_at: datetime | None = LONG_AGO,
    **fields: Any,
) -> Career:
    """A career as a form would hold it, not saved."""
    return Career(title_fr=title_fr, status=status, published_at=published_at, **fields)


def create_career(**fields: Any) -> Career:
    career = new_career(**fields)
    career.save()
    return career


def new_band(
    *,
    career: Career,
    region: Region,
    low: int | str | Decimal | None = None,
    median: int | str | Decimal | None = None,
    high: int | str | Decimal | None = None,
    currency: str | None = None,
    source: Source | None = None,
    observed_on: date = APRIL_2023,
    **fields: Any,
) -> SalaryBand:
    """A band as a form would hold it, not saved; in euros when it has an amount."""
    has_amount = (low, median, high) != (None, None, None)
    return SalaryBand(
        career=career,
        region=region,
        low=amount(low),
        median=amount(median),
        high=amount(high),
        currency=("EUR" if has_amount else "") if currency is None else currency,
        source=source or create_source(),
        observed_on=observed_on,
        **fields,
    )


def create_band(
    *, career: Career | None = None, region: Region | None = None, **fields: Any
) -> SalaryBand:
    band = new_band(
        career=career or create_career(title_fr=f"Métier {next(_numbers)}"),
        region=region or Region.objects.filter(code="FR").first() or create_region(),
        **fields,
    )
    band.save()
    return band


def create_golden_careers(*, regions: dict[str, Region]) -> dict[str, Career]:
    """The five careers of the article, entered as docs say them; by slug."""
    titles = (
        ("Ingénieur prompt", "Prompt engineer"),
        ("Éthicien en IA", "AI ethicist"),
        ("Ingénieur en IA", "AI engineer"),
        ("Data scientist", "Data scientist"),
        ("Chef de projet chatbot", "Chatbot project manager"),
    )
    careers = [
        create_career(
            title_fr=french, title_en=english, published_at=LONG_AGO.replace(day=1 + number)
        )
        for number, (french, english) in enumerate(titles)
    ]
    prompt, ethicist, engineer, scientist, manager = careers
    create_band(career=prompt, region=regions["150"], high=100_000, open_ended=True)
    create_band(career=prompt, region=regions["US"], high=300_000, open_ended=True, currency="USD")
    average = {"region": regions["FR"], "range_kind": "average"}
    create_band(career=ethicist, low=45_000, high=100_000, **average)
    create_band(career=engineer, low=50_000, high=50_000, level="entry", **average)
    create_band(career=engineer, region=regions["FR"], low=108_000, level="senior")
    create_band(career=scientist, low=35_000, high=70_000, **average)
    create_band(
        career=manager,
        region=regions["001"],
        no_figure_reason="varies",
        no_figure_note_fr="selon le profil, le lieu, le secteur et la taille de l’employeur",
    )
    return {career.slug: career for career in careers}


# --- Random bands for property tests ----------------------------------------------------------

_ENDS = st.sampled_from(["0", "30000", "79999.99", "79999.995", "80000", "100000"]) | st.decimals(
    0, 10**6, places=4
)


@st.composite
def band_fields(draw: st.DrawFn) -> dict[str, Any]:
    """Fields of a valid band but for its career; its region by code."""
    low, median, high = sorted(map(Decimal, draw(st.tuples(_ENDS, _ENDS, _ENDS))))
    shown = draw(st.tuples(st.booleans(), st.booleans(), st.booleans()))
    ends = {
        name: end
        for name, end, is_shown in zip(
            ("low", "median", "high"), (low, median, high), shown, strict=True
        )
        if is_shown
    }
    return {
        **ends,
        "open_ended": "high" in ends and draw(st.booleans()),
        "currency": draw(st.sampled_from(["EUR", "USD", "CHF"])) if ends else "",
        "no_figure_reason": "" if ends else "varies",
        "region": draw(st.sampled_from(["001", "150", "FR", "FR-75C", "DE", "US"])),
        "level": draw(st.sampled_from(["", "entry", "senior"])),
        "engagement": draw(st.sampled_from(["", "employee", "freelance"])),
        "period": draw(st.sampled_from(["year", "year", "month", "week", "day", "hour"])),
        "basis": draw(st.sampled_from(["", "gross", "net"])),
        # Before and after the first fixing.
        "observed_on": draw(st.sampled_from([date(2023, 4, 1), APRIL_2023])),
    }


def create_bands(*, career: Career, rows: list[dict[str, Any]]) -> list[SalaryBand]:
    """Bands of one career by `band_fields()`, in one insert; a statement twice is one."""
    regions = {region.code: region for region in Region.objects.all()}
    unique = {}
    for row in rows:
        band = new_band(career=career, **{**row, "region": regions[row["region"]]})
        series = (band.region_id, band.level, band.engagement, band.currency, band.period)
        unique[(*series, band.observed_on)] = band
    bands = list(unique.values())
    derive(bands)
    return SalaryBand.objects.bulk_create(bands)
