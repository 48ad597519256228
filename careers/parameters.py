"""The parts of the public question: how each is read from an address and written into one."""

import re
from collections.abc import Collection, Iterable, Iterator
from copy import copy
from datetime import date
from typing import Any, ClassVar, NamedTuple

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import slug_re
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from careers.models import ExchangeRate, Field, Region
from careers.models.region import CODE_LENGTH

MAX_VALUES = 40  # of one part: more cannot be ticked by anybody
_CODE = re.compile(rf"[A-Z0-9-]{{1,{CODE_LENGTH}}}")


SORTS = (
    ("relevance", _("Relevance, then title")),
    ("title", _("Title")),
    ("pay_up", _("Pay, lowest first")),
    ("pay_down", _("Pay, highest first")),
    ("newest", _("Newest first")),
)
AGES = (
    ("1", _("At most a year old")),
    ("2", _("At most two years old")),
    ("5", _("At most five years old")),
)
TWICE = _("asked twice; only the last one counts")
# Others add these to shared links: nothing was asked with them, so nothing is said of them.
_TRACKING = ("utm_", "fbclid", "gclid", "mc_")


class Ignored(NamedTuple):
    """A part of the question that was not understood: its parameter, its value, and why."""

    name: str
    value: str
    why: str


def unknown(name: str, value: str) -> Iterator[Ignored]:
    """A parameter that the page does not know, unless it came with a shared link."""
    if not name.startswith(_TRACKING):
        yield Ignored(name, value, gettext("this is not a part of the question"))


class AmountField(forms.IntegerField):
    """A whole amount as people type it: "80 000", "80.000 €", "80,000" and "80k" are all 80000."""

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = "".join(value.split()).strip("€$£")
            whole, *groups = value.replace(".", ",").split(",")
            if groups and whole.isdigit() and all(len(g) == 3 and g.isdigit() for g in groups):
                value = whole + "".join(groups)
            elif value[:-1].isdigit() and value[-1] in "kK":
                value = f"{value[:-1]}000"
        return super().to_python(value)


class CurrencyField(forms.CharField):
    """A currency in which an amount can be asked: the euro, or one that the ECB has quoted."""

    default_error_messages = {"unknown": _("no exchange rate is known for this currency")}

    def clean(self, value: Any) -> str:
        code = super().clean(value).upper() or "EUR"
        if code != "EUR" and code not in ExchangeRate.objects.currencies():
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        return code


class SeveralField(forms.Field):
    """Any number of values of one part; `clean` gives those it knows, each once, in one order.

    A value that it does not know is left out rather than refused: the others still ask.
    `unknown` names it. The page prints the choices itself: 600 widgets cost more than the answer.
    """

    widget = forms.SelectMultiple
    why: ClassVar[str | Promise] = _("this is not one of the choices")

    def find(self, keys: Collection[str]) -> Iterable[Any]:
        """What these keys stand for, in the order in which an address names them."""
        raise NotImplementedError

    def key(self, text: str) -> str:
        """A value as it may be typed, in the one way to write it."""
        return text.strip()

    def key_of(self, value: Any) -> str:
        """How a value found is written."""
        return str(value)

    def clean(self, value: Any) -> list[Any]:
        keys = {self.key(text) for text in self._texts(value)} - {""}
        return list(self.find(keys)) if keys else []

    def unknown(self, value: Any, found: Iterable[Any]) -> list[str]:
        """The values given that nothing was found for."""
        known = {"", *(self.key_of(each) for each in found)}
        return [text for text in self._texts(value) if self.key(text) not in known]

    def _texts(self, value: Any) -> list[str]:
        return [value] if isinstance(value, str) else list(value or [])[:MAX_VALUES]


class ChoicesField(SeveralField):
    def __init__(self, *, choices: Iterable[tuple[Any, Any]], **options: Any) -> None:
        super().__init__(**options)
        self.values = [value for value, _label in choices if value]

    def find(self, keys: Collection[str]) -> list[str]:
        return [value for value in self.values if value in keys]


class RegionsField(SeveralField):
    """Regions by their codes, the wider before its parts."""

    why = _("no region has this code")

    def find(self, keys: Collection[str]) -> Iterable[Region]:
        codes = [key for key in keys if _CODE.fullmatch(key)]
        return Region.objects.filter(code__in=codes).order_by("path")

    def key(self, text: str) -> str:
        return text.strip().upper()

    def key_of(self, value: Region) -> str:
        return value.code


class SlugsField(SeveralField):
    """Objects by the last part of their pages' addresses."""

    def all(self) -> "QuerySet[Any]":
        """Those that may be asked for."""
        raise NotImplementedError

    def find(self, keys: Collection[str]) -> Iterable[Any]:
        slugs = [key for key in keys if slug_re.fullmatch(key)]
        return self.all().filter(slug__in=slugs).order_by("slug")

    def key_of(self, value: Any) -> str:
        return str(value.slug)


class FieldsField(SlugsField):
    why = _("no field of work has this address")

    def all(self) -> "QuerySet[Field]":
        return Field.objects.all()


def refused(form: forms.Form, name: str, values: list[str]) -> Iterator[tuple[str, object]]:
    """Which values of a part the form did not understand, and why."""
    field, errors = form.fields[name], form.errors
    if isinstance(field, SeveralField):
        for value in field.unknown(values, form.cleaned_data.get(name) or []):
            yield value, field.why
    elif name in errors:
        yield values[-1], " ".join(map(str, errors[name]))
    elif len(set(values)) > 1:
        yield values[0], TWICE


class AmountFilter(django_filters.Filter):
    field_class = AmountField


class CurrencyFilter(django_filters.Filter):
    field_class = CurrencyField


class ChoicesFilter(django_filters.Filter):
    field_class = ChoicesField


class RegionsFilter(django_filters.Filter):
    field_class = RegionsField


class FieldsFilter(django_filters.Filter):
    field_class = FieldsField


class Parts(dict[str, Any]):
    """Filters or fields of which each question has copies that share what nothing changes: whole
    ones took longer than to read an address with them."""

    def __deepcopy__(self, _memo: object) -> dict[str, Any]:
        return {name: copy(part) for name, part in self.items()}


def form_of(filters: Parts) -> type[forms.Form]:
    """One form for all questions: to build it takes longer than to read an address with it."""
    fields = {name: each.field for name, each in filters.items()}
    form: type[forms.Form] = type("QuestionForm", (forms.Form,), fields)
    form.base_fields = Parts(form.base_fields)
    return form


def last_of_each(data: QueryDict, names: Iterable[str]) -> tuple[QueryDict, list[Ignored]]:
    """These parts of an address where each has one value, the last; and what that leaves out."""
    asked, ignored = QueryDict(mutable=True), []
    for name in filter(data.__contains__, names):
        *others, last = data.getlist(name) or [""]
        asked[name] = last
        ignored += [Ignored(name, value, str(TWICE)) for value in others[:1] if value != last]
    return asked, ignored


def years_before(day: date, years: int) -> date:
    """The same day some years earlier; 28 February stands for a 29th that is not there."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
