"""The parameters of each resource: forms, as the list's own question is one.

A page ignores what it does not understand and says so; a program is refused, with everything that
is wrong at once.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from careers.api.problems import Refusal, Refused
from careers.api.schemas import of_field
from careers.filters import CareerFilter
from careers.models import Career, Source
from careers.parameters import (
    MAX_VALUES,
    TWICE,
    ChoicesField,
    RegionsField,
    SlugsField,
    refused,
)
from careers.salaries import Engagement, Level

# Of rows: by default, and at most.
CAREERS, MOST_CAREERS = 20, 100
ROWS, MOST_ROWS = 100, 500
HIGHEST = 2**63 - 1


class CareersField(SlugsField):
    why = gettext_lazy("no published career has this address")

    def all(self) -> "QuerySet[Career]":
        return Career.objects.published()


class SourcesField(SlugsField):
    why = gettext_lazy("no source has this identifier")

    def all(self) -> "QuerySet[Source]":
        return Source.objects.all()


def _number(label: object, most: int, initial: int | None = None) -> forms.IntegerField:
    return forms.IntegerField(
        min_value=1,
        max_value=most,
        initial=initial,
        required=False,
        label=label,  # type: ignore[arg-type]
    )


class InLanguage(forms.Form):
    """What every resource understands."""

    lang = forms.ChoiceField(
        choices=settings.LANGUAGES,
        required=False,
        label=gettext_lazy("Language of labels, errors and titles’ order, before Accept-Language"),
    )


class RowsForm(InLanguage):
    page = _number(gettext_lazy("Page"), 1_000_000, 1)
    size = _number(gettext_lazy("Rows a page"), MOST_ROWS, ROWS)


class CareersForm(InLanguage):
    """What the list of careers understands besides the question itself."""

    page = _number(gettext_lazy("Page"), 1_000_000, 1)
    size = _number(gettext_lazy("Careers a page"), MOST_CAREERS, CAREERS)
    facets = forms.ChoiceField(
        choices=[("1", "1")],
        required=False,
        label=gettext_lazy("1: say how many careers each choice would leave"),
    )


class RegionsForm(RowsForm):
    within = RegionsField(required=False, label=gettext_lazy("These regions and their parts"))


class BandsForm(InLanguage):
    career = CareersField(required=False, label=gettext_lazy("Career"))
    region = RegionsField(required=False, label=gettext_lazy("Regions and their parts"))
    level = ChoicesField(choices=Level.choices, required=False, label=gettext_lazy("Level"))
    engagement = ChoicesField(
        choices=Engagement.choices, required=False, label=gettext_lazy("Employment")
    )
    source = SourcesField(required=False, label=gettext_lazy("Source"))
    observed_since = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d"],
        label=gettext_lazy("First day on which the figure may have stood"),
    )
    statements = forms.ChoiceField(
        choices=[("current", "current"), ("all", "all")],
        initial="current",
        required=False,
        label=gettext_lazy("The latest of each series, or earlier ones too"),
    )
    after = _number(gettext_lazy("Rows after that identifier: `next` holds it"), HIGHEST)
    size = _number(gettext_lazy("Rows a page"), MOST_ROWS, ROWS)


Question = forms.Form | CareerFilter


def fields_of(*questions: Question) -> dict[str, forms.Field]:
    """The parameters by name, in the order in which they are documented."""
    forms_of = (each.form if isinstance(each, CareerFilter) else each for each in questions)
    return {name: field for form in forms_of for name, field in form.fields.items()}


def understood(data: QueryDict, *questions: Question) -> dict[str, Any]:
    """What is asked, with defaults; or Refused, naming everything that no question understands."""
    fields = fields_of(*questions)
    refusals = [
        refusal
        for name in data
        for refusal in _refusals(name, data.getlist(name), fields, questions)
    ]
    if refusals:
        raise Refused(*refusals)
    return {name: value for each in questions for name, value in _asked(each).items()}


def _asked(question: Question) -> dict[str, Any]:
    if isinstance(question, CareerFilter):
        return question.asked
    question.full_clean()
    given = question.cleaned_data
    return {name: given[name] or field.initial for name, field in question.fields.items()}


def _refusals(
    name: str,
    values: list[str],
    fields: Mapping[str, forms.Field],
    questions: Iterable[Question],
) -> Iterator[Refusal]:
    if name not in fields:
        why = _("this is not a part of the question")
        yield Refusal(parameter=name, value=values[-1], why=why, allowed={"enum": list(fields)})
        return
    allowed = of_field(fields[name])
    for value, reason in _wrong(name, values, questions):
        yield Refusal(parameter=name, value=value, why=str(reason), allowed=allowed)


def _wrong(
    name: str, values: list[str], questions: Iterable[Question]
) -> Iterator[tuple[str, object]]:
    if any(not value.strip() for value in values):
        yield "", _("an empty value asks nothing: leave the parameter out")
        return
    if len(values) > MAX_VALUES:
        yield values[MAX_VALUES], _("there are more than %d values") % MAX_VALUES
    for question in questions:
        for value, why in _refused(question, name, values):
            yield value, _("only one value may be given") if why is TWICE else why


def _refused(question: Question, name: str, values: list[str]) -> Iterable[tuple[str, object]]:
    if isinstance(question, CareerFilter):
        return question.refused(name, values) if name in question.filters else ()
    return refused(question, name, values) if name in question.fields else ()
