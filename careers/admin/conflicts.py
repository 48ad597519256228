"""Two people at one form: each carries the values it was opened with, so that the second to save
is told what the first saved, and neither loses what was typed.

A field that only the other changed keeps the other's value; a field that both changed differently
is a conflict, shown side by side. Saving again is a choice made knowingly, for by then the form
carries the other's values as its base.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.db import models, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

BASE = "base"
TAKEN = "theirs"  # the ticks beside the values of the other
_SALT = "careers.form-base"


class Conflict(NamedTuple):
    """A field that two people changed: as it was, as it is saved now, as it was typed."""

    name: str  # of the field in the page, with the number of its figure: "bands-0-high"
    label: str
    before: str
    theirs: str
    mine: str


class Change(NamedTuple):
    """A field in which what was typed differs from what is saved."""

    name: str
    label: str
    before: str
    after: str


class Opened(NamedTuple):
    """The values of a form when somebody opened it."""

    at: datetime
    values: dict[str, str | None]


class BaseField(forms.CharField):
    """The opened values, signed and hidden; nothing that an editor changes."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, label="")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class VersionedForm(forms.ModelForm):
    """A form of an object that others may save meanwhile. Its admin is a VersionedAdmin."""

    base = BaseField()
    data: QueryDict  # that of a request
    only_shown = False  # what was typed is shown with its errors and never saved

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opened: Opened | None = None
        self.conflicts: list[Conflict] = []
        # By name: what somebody else saved since this form was opened.
        self.saved_meanwhile: list[str] = []
        self.merged: list[str] = []
        if self.is_bound:
            self.opened = _read(self.data.get(self.add_prefix(BASE), ""))
            if self.opened:
                self._compare(self.opened)
        elif self.instance.pk:
            self.initial[BASE] = self._sign()

    def is_valid(self) -> bool:
        return super().is_valid() and not self.only_shown

    @property
    def is_gone(self) -> bool:
        """Whether what the form was opened with has been deleted meanwhile."""
        return self.opened is not None and self.instance.pk is None

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was typed since the form was opened."""
        values = self.opened.values if self.opened else {}
        known = [name for name in self._names if name in values]
        return not any(self._differs(name, self._python(name, values[name])) for name in known)

    @property
    def changes(self) -> list[Change]:
        """What saving the form would change, in the order of its fields."""
        return [
            Change(
                self.add_prefix(name),
                str(self.fields[name].label),
                shown(self.fields[name], self.initial.get(name)),
                shown(self.fields[name], self.typed(name)),
            )
            for name in self._names
            if self._differs(name, self.initial.get(name))
        ]

    @property
    def _names(self) -> list[str]:
        fields = self.instance._meta.concrete_fields
        stored = {field.name for field in fields if not field.primary_key}
        return [name for name in self.fields if name in stored]

    def _sign(self) -> str:
        values = {name: _stored(self.instance, name) for name in self._names}
        return signing.dumps([timezone.now().isoformat(), values], salt=_SALT, compress=True)

    def _compare(self, opened: Opened) -> None:
        """Find what others saved since; take over what was not touched here."""
        if self.is_gone:
            return
        live = {name: _stored(self.instance, name) for name in self._names}
        self.saved_meanwhile = [
            name for name, value in live.items() if opened.values.get(name, value) != value
        ]
        taken = [name for name in live if self.add_prefix(name) in self.data.getlist(TAKEN)]
        # A form opened before the code knew the field, as a working draft may be.
        unknown = [name for name in live if name not in opened.values]
        if not (self.saved_meanwhile or taken or unknown):
            return
        data = self.data.copy()
        for name in dict.fromkeys([*unknown, *taken, *self.saved_meanwhile]):
            theirs = self.initial[name]
            before = self._python(name, opened.values.get(name))
            if name in unknown:
                self._put(data, name)
            elif name in taken or not self._differs(name, before):
                self._put(data, name)
                self.merged.append(name)
            elif self._differs(name, theirs):
                self.conflicts.append(self._conflict(name, before, theirs))
        data[self.add_prefix(BASE)] = self._sign()
        self.data = data

    def typed(self, name: str) -> Any:
        """What the browser sent for the field."""
        widget = self.fields[name].widget
        return widget.value_from_datadict(self.data, self.files, self.add_prefix(name))

    def _differs(self, name: str, value: Any) -> bool:
        """Whether what was typed says something else than this value."""
        if isinstance(value, str):
            # Browsers send other line ends than files hold.
            value = "\n".join(value.splitlines()).strip()
        return self.fields[name].has_changed(value, self.typed(name))

    def _python(self, name: str, stored: str | None) -> Any:
        field = self.instance._meta.get_field(name)
        assert isinstance(field, models.Field)
        return None if stored is None else field.to_python(stored)

    def _put(self, data: Any, name: str) -> None:
        """Let the form hold what is saved now, as if it had been opened now."""
        field, key = self.fields[name], self.add_prefix(name)
        value = field.prepare_value(self.initial.get(name))
        if isinstance(field.widget, forms.CheckboxInput):
            data.pop(key, None)
            if value:
                data[key] = "on"
            return
        written = field.widget.format_value(value)
        data[key] = (written[0] if isinstance(written, list) else written) or ""

    def _conflict(self, name: str, before: Any, theirs: Any) -> Conflict:
        field = self.fields[name]
        values = [shown(field, value) for value in (before, theirs, self.typed(name))]
        return Conflict(self.add_prefix(name), str(field.label), *values)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        message = _("Somebody else changed this meanwhile: compare above, then save again.")
        for conflict in self.conflicts:
            self.add_error(conflict.name.removeprefix(self.add_prefix("")), message)
        if self.is_gone:
            self.errors.pop("id", None)
            message = _("Somebody else deleted this meanwhile: tick “delete”, or enter it anew.")
            raise forms.ValidationError(message)
        if self.saved_meanwhile and self.cleaned_data.get("DELETE"):
            message = _("Somebody else changed this meanwhile: look again, then delete it.")
            raise forms.ValidationError(message)
        return cleaned


class VersionedFormSet(forms.BaseInlineFormSet):
    """Figures in the form of their career, which others may change or delete meanwhile."""

    def get_queryset(self) -> Any:
        """Those of the forms: the admin pairs both by order, and others add and delete figures."""
        if self.is_bound and "forms" in self.__dict__:
            return [form.instance for form in self.initial_forms]
        return super().get_queryset()

    def _should_delete_form(self, form: Any) -> bool:
        """Nothing is deleted that changed since it was looked at; what is gone already may go."""
        ticked: bool = super()._should_delete_form(form)  # type: ignore[misc]
        if form.is_gone:
            return ticked or form.is_untouched
        return ticked and not form.saved_meanwhile


class VersionedAdmin(admin.ModelAdmin):
    """An admin whose forms notice what was saved since they were opened."""

    form = VersionedForm
    change_form_template = "admin/careers/change_form.html"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return with_base(fieldsets) if self.has_change_permission(request, obj) else fieldsets

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One saves after the other: what is compared is what will be written over."""
        with transaction.atomic():
            if request.method == "POST":
                request.POST = _with_plain_lines(request.POST)  # type: ignore[assignment]
                if object_id and object_id.isdecimal():
                    self.model._base_manager.select_for_update().filter(pk=object_id).first()
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        merged = [
            str(each.fields[name].label) for each in _forms(form, formsets) for name in each.merged
        ]
        if merged:
            said = ngettext(
                "Kept as somebody else saved it meanwhile: %(fields)s.",
                "Kept as somebody else saved them meanwhile: %(fields)s.",
                len(merged),
            )
            self.message_user(request, said % {"fields": ", ".join(merged)})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        every = _forms(context["adminform"].form, formsets)
        conflicts = [conflict for form in every for conflict in form.conflicts]
        if conflicts or any(form.saved_meanwhile or form.is_gone for form in every):
            context |= {"conflicts": conflicts, "savers": _savers(every)}
        return super().render_change_form(request, context, *args, **kwargs)


class VersionedInline(admin.StackedInline):
    formset = VersionedFormSet

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return with_base(fieldsets) if self.has_change_permission(request, obj) else fieldsets


def _with_plain_lines(posted: QueryDict) -> QueryDict:
    """Lines end as in files: else each save by a browser would change every text."""
    data = posted.copy()
    for name, values in posted.lists():
        data.setlist(name, [value.replace("\r\n", "\n") for value in values])
    return data


def with_base(fieldsets: Any) -> list[Any]:
    """The fieldsets with the hidden base of the form in the first: no row of its own is seen."""
    (title, options), *others = fieldsets
    return [(title, {**options, "fields": [*options["fields"], BASE]}), *others]


def shown(field: forms.Field, value: Any) -> str:
    """A value as a reader of the form knows it: by the label of a choice, not by its key."""
    if value in (None, ""):
        return "–"
    if isinstance(field, forms.ModelChoiceField):
        found = field.queryset.filter(pk=value).first() if str(value).isdecimal() else None  # type: ignore[union-attr]
        return str(found or value)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    if isinstance(field, forms.BooleanField):
        return _("yes") if value else _("no")
    return str(field.widget.format_value(field.prepare_value(value)))


def _forms(form: Any, formsets: Iterable[Any]) -> list[Any]:
    """The form and those of its inlines; one that may only be looked at carries no base."""
    every = [form, *(each for formset in formsets for each in formset.forms)]
    return [each for each in every if isinstance(each, VersionedForm)]


def _stored(instance: models.Model, name: str) -> str | None:
    field = instance._meta.get_field(name)
    assert isinstance(field, models.Field)
    if field.value_from_object(instance) is None:
        return None
    return str(field.value_to_string(instance))


def _read(token: str) -> Opened | None:
    """What the token holds; a form without one (or with one of another key) compares nothing."""
    try:
        at, values = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return Opened(datetime.fromisoformat(at), values)


def _savers(forms: list[Any]) -> list[LogEntry]:
    """Who saved these objects since, the latest last, an import among them; at most five."""
    since = min((form.opened.at for form in forms if form.opened), default=timezone.now())
    touched = Q()
    for form in forms:
        kind = ContentType.objects.get_for_model(form.instance)
        # An import is logged for the whole list.
        imported = Q(object_id=None, action_flag=ADDITION)
        touched |= Q(content_type=kind) & (Q(object_id=str(form.instance.pk)) | imported)
    entries = LogEntry.objects.filter(touched, action_time__gte=since).select_related("user")
    return list(entries.order_by("-action_time", "-pk")[:5])[::-1]
