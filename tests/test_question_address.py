"""The same question, the same address."""

from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import given

from tests.test_any_question import QUESTIONS
from tests.test_filters import ask

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("", ""),
        ("currency=EUR&sort=relevance&q=", ""),
        ("salary_min=80 000&region=fr&currency=usd", "region=FR&salary_min=80000&currency=USD"),
        ("level=senior&level=entry&level=senior", "level=entry&level=senior"),
        ("region=FR-IDF&region=001", "region=001&region=FR-IDF"),
        ("q=++data++scientist&utm_source=x", "q=data+scientist"),
        ("sort=newest&age=2&language=en&language=fr", "age=2&language=fr&language=en&sort=newest"),
    ],
)
def test_question_has_one_address(golden, client, typed, address):
    path = f"/metiers/?{address}" if address else "/metiers/"
    assert ask(typed).address() == path
    assert ask(address).address() == path
    response = client.get(f"/metiers/?{typed}" if typed else "/metiers/")
    if typed == address:
        assert response.context["question"].parameters == _pairs(address)
    else:
        assert (response.status_code, response["Location"]) == (302, path)


def _pairs(query):
    return [(name, value) for name, values in QueryDict(query).lists() for value in values]


@pytest.mark.usefixtures("golden")
@given(QUESTIONS)
def test_address_of_a_question_asks_the_same(question):
    asked = ask(urlencode(question, doseq=True))
    again = ask(asked.address().partition("?")[2])
    assert again.asked == asked.asked
    assert again.address() == asked.address()
