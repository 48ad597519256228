"""One request of a program: where it was asked, in which language, and the links of its answer."""

from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.http import HttpRequest, QueryDict

from careers.shared_pages import preferred_language


@dataclass(frozen=True)
class Call:
    """`base` is the site ("https://example.org"), `path` the resource, `data` the parameters."""

    base: str
    path: str
    data: QueryDict

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        return cls(f"{request.scheme}://{request.get_host()}", request.path, request.GET)

    @property
    def address(self) -> str:
        return self._with(self.data)

    def but(self, name: str, value: object) -> str:
        """The absolute address of the same question with one parameter replaced."""
        data = self.data.copy()
        data[name] = str(value)
        return self._with(data)

    def without(self, name: str) -> str:
        data = self.data.copy()
        data.pop(name, None)
        return self._with(data)

    def _with(self, data: QueryDict) -> str:
        query = data.urlencode()
        return f"{self.base}{self.path}{'?' if query else ''}{query}"


def language_of(request: HttpRequest) -> str:
    """The language that is asked with `lang`, or else preferred."""
    asked = request.GET.get("lang")
    return asked if asked in dict(settings.LANGUAGES) else preferred_language(request)
