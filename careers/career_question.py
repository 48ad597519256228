"""What the address of a career's page or of its chart asks: some of the question's own parts, and
words that only that page knows."""

from collections.abc import Iterator, Mapping

from django.http import QueryDict
from django.utils.translation import gettext as _

from careers.filters import CareerFilter
from careers.models import Career, Region
from careers.parameters import Ignored, last_of_each, unknown


class CareerQuestion:
    """One career and the question asked of it. What is not understood is named in `ignored`.

    A kind of page says which parts of CareerFilter it knows, and which `words` of its own, each
    with its values.
    """

    conditions: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]

    def __init__(self, career: Career, data: QueryDict) -> None:
        self.career, self.data = career, data
        asked, self._twice = last_of_each(data, self.conditions)
        self.question = CareerFilter(asked)

    @property
    def ignored(self) -> list[Ignored]:
        return [*self._unknown(), *self._twice, *self.question.ignored]

    def _unknown(self) -> Iterator[Ignored]:
        for name, values in self.data.lists():
            if name in self.words:
                if values[-1] not in self.words[name]:
                    yield Ignored(name, values[-1], _("this is not one of the choices"))
            elif name not in self.conditions:
                yield from unknown(name, values[-1])

    def word(self, name: str) -> str:
        """What is asked by a word of the page's own; "" where none of its values is."""
        value = self.data.get(name, "")
        return value if value in self.words[name] else ""

    @property
    def region(self) -> Region | None:
        """The region asked, None for everywhere."""
        return self.question.only_region

    @property
    def currency(self) -> str:
        currency: str = self.question.asked["currency"]
        return currency

    @property
    def threshold(self) -> int | None:
        threshold: int | None = self.question.asked["salary_min"]
        return threshold
