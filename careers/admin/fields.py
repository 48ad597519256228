from decimal import Decimal
from typing import Any

from django import forms
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
