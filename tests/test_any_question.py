"""Any question parts the careers as plain Python does, and is answered."""

from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from careers import search
from careers.answers import LISTED
from careers.filters import CareerFilter
from careers.models import Region
from careers.results import Results
from tests.factories import band_fields, create_bands, create_career, create_rate, undone
from tests.test_filters import ask, groups, listed
from tests.test_salary_band import THRESHOLDS, plain_answer

pytestmark = pytest.mark.django_db

WORDS = ["Ingénieur", "Data", "Éthicien·ne", "IA"]
CAREERS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join),
        st.sampled_from(["published", "draft"]),
        st.lists(band_fields(), max_size=4),
    ),
    max_size=4,
)


def some(*values):
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "q": st.sampled_from(["", "ia", "ing data", "ethicien", "zzz"]),
        "region": some("001", "150", "FR", "FR-IDF", "FR-75C", "DE", "US"),
        "level": some("entry", "senior", "lead"),
        "engagement": some("employee", "freelance"),
        "salary_min": THRESHOLDS,
        "currency": st.sampled_from(["EUR", "USD"]),
        "sort": st.sampled_from(["title", "pay_up", "pay_down", "newest"]),
    },
)


def best_answer(bands, question):
    """The name of the best answer that a career's bands give, or "" without any band."""
    threshold, currency = question.get("salary_min"), question.get("currency", "EUR")
    names = {
        plain_answer(band, threshold, currency).name
        if threshold is not None
        else ("UNKNOWN" if band.no_figure_reason else "SURE")
        for band in bands
    }
    return next((name for name in ("SURE", "POSSIBLE", "NO", "UNKNOWN") if name in names), "")


def plain_group(bands, question):
    """Where a career with these bands stands: docs' words, one band after the other."""

    def series(band):
        return band.region, band.level, band.engagement, band.currency, band.period, band.source

    latest = {series(band): band for band in sorted(bands, key=lambda band: band.observed_on)}
    meeting = [
        band
        for band in latest.values()
        if band.level in question.get("level", [band.level])
        and band.engagement in question.get("engagement", [band.engagement])
    ]
    codes = question.get("region", [])
    paths = [region.path.split("/")[:-1] for region in Region.objects.filter(code__in=codes)]
    own = [
        band
        for band in meeting
        if not codes or not {*codes}.isdisjoint(band.region.path.split("/"))
    ]
    around = {
        code
        for path in paths
        for code in path[:-1]
        if {*codes}.isdisjoint(path[: path.index(code) + 1])
    }
    wider = best_answer([band for band in meeting if band.region.code in around], question)
    if own:
        best = best_answer(own, question)
        return "below" if best == "NO" else best.lower()
    if wider:
        return "below" if wider == "NO" else "wider"
    return "absent" if {"region", "level", "engagement"} & set(question) else "unknown"


@pytest.mark.usefixtures("regions")
@given(CAREERS, QUESTIONS)
def test_any_question_parts_the_careers_as_plain_python_does(rows, question):
    with undone():
        create_rate()
        expected = {}
        for title, status, bands in rows:
            career = create_career(title_fr=title, status=status)
            bands = create_bands(career=career, rows=bands)
            words = search.fold(title).split()
            asked = search.terms(question.get("q", ""))
            matches = all(any(word.startswith(term) for word in words) for term in asked)
            if status == "published" and matches:
                expected[career.slug] = plain_group(bands, question)
        query = urlencode(question, doseq=True)
        assert groups(query) == expected
        assert sum(ask(query).counts.values()) == len(expected)
        shown = {slug for slug, name in expected.items() if name not in ("below", "absent")}
        assert set(listed(query)) == shown


@pytest.mark.usefixtures("golden")
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*CareerFilter.base_filters, "page"]) | st.text(max_size=10),
            st.sampled_from(["", "FR", "entry", "EUR", "80000", "pay_up"]) | st.text(max_size=30),
        ),
        max_size=6,
    )
)
@example([("q", "\0")])
@example([("region", "\0"), ("currency", "ŉ"), ("salary_min", "٣٠٠٠٠")])
def test_any_question_is_answered(pairs):
    asked = ask(urlencode(pairs))
    assert sum(asked.counts.values()) <= 5
    listed = asked.numbers(LISTED)
    assert [career.pk for career in asked.listed()] == list(listed)
    assert Results.answering(asked, listed).bands.keys() == listed.keys()
    assert {part.name for part in asked.ignored} <= {name for name, _value in pairs}
