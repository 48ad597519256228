"""Rows with the worst texts and amounts that a file could lose on its way."""

from datetime import UTC, date, datetime

from careers.models import Career, Region, Source
from tests.factories import create_band, create_career, create_field, create_rate, create_region

NASTY = ' =HYPERLINK("http://x")\t;,\'’ «\u202fÉ\u202f» 😀 مهندس\u200f '
MARKDOWN = '\r\n# =1+1\r\n\r\n- « a »; "b"\r\n- \'=c\r\n\n\n    code\t\n'


def create_nasty_career() -> Career:
    texts = [f"{text}_{language}" for text in Career.SECTIONS for language in ("fr", "en")]
    return create_career(
        slug="nasty",
        title_fr=NASTY,
        title_en="+33",
        published_at=datetime(2023, 5, 1, 8, 30, 15, 123456, tzinfo=UTC),
        field=create_field(name_fr=NASTY, note_en=NASTY),
        rome_code="M1889",
        isco_code="0110",
        alternative_titles_fr="Un\r\nDeux\r\n",
        alternative_titles_en="=One\nTwo",
        summary_fr=NASTY,
        summary_en="'quoted'",
        **dict.fromkeys(texts, MARKDOWN),
    )


def create_nasty_source() -> Source:
    return Source.objects.create(
        slug="survey_1",
        title=NASTY,
        kind="survey",
        publisher="@INSEE",
        url="https://example.org/?a=1;b=2,3&c='=%20'",
        published_on=date(2024, 2, 29),
        licence="CC BY 4.0, INSEE",
        note_fr=MARKDOWN,
        note_en=NASTY,
    )


def create_nasty_site() -> None:
    """One of everything that could get lost on the way."""
    nasty_career, nasty_source = create_nasty_career(), create_nasty_source()
    world = create_region(code="001", kind="world", name_fr="Monde", name_en="World")
    namibia = create_region(code="NA", parent=world, name_fr="Namibie", name_en="Namibia")
    france = create_region(code="FR", parent=world, yearly_hours=1607)
    odd = create_region(code="FR-X", parent=france, name_fr=NASTY, name_en="-")
    Region.objects.filter(code="NA").update(name_en="")
    for currency, rate in (("USD", "1.234567"), ("GBP", "0.125"), ("JPY", "147.1")):
        create_rate(currency=currency, rate=rate)
    create_field(name_fr="0123", name_en="=1")
    create_career(title_fr="", title_en="Only English", status="draft", published_at=None)
    hourly = {"period": "hour", "currency": "USD", "source": nasty_source}
    here = {"career": nasty_career, "region": france}
    odd_here = {"career": nasty_career, "region": odd}
    create_band(low="12.125", high="12.3456", stated_as=NASTY, **hourly, **odd_here)
    create_band(median="1234567.1", level="lead", basis="net", **odd_here)
    create_band(low=1, high=2, open_ended=True, inferred_en=NASTY, **here)
    create_band(high=0, range_kind="p10_p90", engagement="freelance", **here)
    reasons = {"no_figure_reason": "varies", "no_figure_note_fr": NASTY, "no_figure_note_en": "-"}
    create_band(career=nasty_career, region=namibia, **reasons)
