from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from careers import tables


class AmountField(forms.DecimalField):
    """An amount as editors type it ("45 000,50 €"), shown without its needless zeros."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs |= {"inputmode": "decimal", "size": "12"}

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str) and value.strip():
            try:
                return tables.number(value)
            except ValueError as error:
                raise ValidationError(
                    _("“%(value)s” is not an amount. Write 45000 or 45 000,50."),
                    params={"value": value},
                ) from error
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        return value


class KnownSelect(AutocompleteSelect):
    """Names the choices that it knows without asking the database for each form of an inline, and
    itself by its label."""

    known: dict[str, str] = {}

    @property
    def media(self) -> forms.Media:
        return super().media + forms.Media(js=["careers/admin.js"])

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        if not all(each in self.known for each in value):
            return super().optgroups(name, value, attr)
        options = [
            self.create_option(name, each, self.known[each], True, index)
            for index, each in enumerate(value)
        ]
        return [(None, options, 0)]


class KnowingFormSet(forms.BaseInlineFormSet):
    """An inline whose objects were read with what they refer to: its selects know those names."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():
            select = getattr(field.widget, "widget", None)
            if isinstance(select, KnownSelect):
                select.known = self._known(name)

    def _known(self, name: str) -> dict[str, str]:
        related = (getattr(each, name) for each in self.get_queryset())
        return {str(each.pk): str(each) for each in related if each}


class SelectingAdmin(BaseModelAdmin):
    """Forms whose `autocomplete_fields` are such selects."""

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = KnownSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
