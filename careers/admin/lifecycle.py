"""The life of a career on its form and in the list: each step by POST, with its reason."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from careers import lifecycle
from careers.admin.publishing import may_edit, may_publish, user_of
from careers.lifecycle import TRANSITIONS, Transition
from careers.models import Career, Field
from careers.templatetags.texts import grouped


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("It is kept in the history of the career."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
    )


class MomentForm(forms.Form):
    moment = forms.DateTimeField(
        label=gettext_lazy("When"),
        help_text=gettext_lazy("Time of Paris. It holds at that minute; nobody has to be there."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class FieldForm(forms.Form):
    field = forms.ModelChoiceField(
        Field.objects.all(), label=gettext_lazy("Field of work"), required=False
    )


def form_for(step: Transition) -> type[forms.Form]:
    """The form of what the step asks; one without any field where it asks nothing."""
    return ReasonForm if step.asks_reason else MomentForm if step.asks_moment else forms.Form


class SaveButton(NamedTuple):
    """A button in the row below the form; with an address, the form is sent there instead."""

    name: str
    label: str | Promise
    address: str = ""


class LifecycleAdmin(admin.ModelAdmin):
    """Buttons for the steps that the reader may make, and list actions for many careers."""

    lifecycle_actions = ["submit", "publish", "unpublish", "archive", "assign_field"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.move_view)
        own = path("<int:pk>/move/<slug:name>/", view, name="careers_career_move")
        return [own, *super().get_urls()]

    def move_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Ask what the step needs; on POST, make it."""
        career = self.get_object(request, str(pk))
        if career is None or name not in TRANSITIONS:
            raise Http404
        step = TRANSITIONS[name]
        if not request.user.has_perm(step.permission):
            raise PermissionDenied
        form = form_for(step)(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                lifecycle.move(career, name, user=user_of(request), **form.cleaned_data)
            except ValidationError as why_not:
                form.add_error(None, why_not)
            else:
                self.message_user(request, _said(career, step), messages.SUCCESS)
                return HttpResponseRedirect(_change_form(career))
        context = {"title": _button(step), "subtitle": str(career), "careers": [career]}
        return self.ask(request, form, {**context, "back": _change_form(career)})

    def ask(
        self, request: HttpRequest, form: forms.Form, context: dict[str, Any]
    ) -> TemplateResponse:
        """The page between a button and what it does."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "form": form,
            **context,
        }
        return TemplateResponse(request, "admin/careers/ask.html", context)

    # --- On the form --------------------------------------------------------------------------

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        career = context.get("original")
        steps = lifecycle.offered(career, user_of(request)) if career else []
        context = {
            "life": career,
            "last_word": lifecycle.last_word(career) if career else None,
            "steps": steps,
            "save_buttons": self.save_buttons(request, career),
            **context,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def save_buttons(self, request: HttpRequest, career: Career | None) -> list[SaveButton]:
        """The buttons that save and make a step at once, so that nothing typed is left behind."""
        status = career.status if career else Career.Status.DRAFT
        if may_publish(request) and status in (Career.Status.DRAFT, Career.Status.IN_REVIEW):
            return [SaveButton("_publish", _("Save and publish"))]
        if not may_publish(request) and status == Career.Status.DRAFT:
            return [SaveButton("_submit", _("Save and submit for review"))]
        return []

    def response_add(
        self, request: HttpRequest, obj: Career, post_url_continue: str | None = None
    ) -> HttpResponse:
        self._move_saved(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Career) -> HttpResponse:
        self._move_saved(request, obj)
        return super().response_change(request, obj)

    def _move_saved(self, request: HttpRequest, career: Career) -> None:
        for name in ("publish", "submit"):
            if f"_{name}" not in request.POST:
                continue
            try:
                lifecycle.move(career, name, user=user_of(request))
            except ValidationError as why_not:
                self.message_user(request, " ".join(why_not.messages), messages.WARNING)
            else:
                self.message_user(request, _said(career, TRANSITIONS[name]))

    # --- In the list --------------------------------------------------------------------------

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return may_publish(request)

    @admin.action(description=gettext_lazy("Submit for review"), permissions=["change"])
    def submit(self, request: HttpRequest, queryset: "QuerySet[Career]") -> None:
        self._move_each(request, queryset, "submit")

    @admin.action(description=gettext_lazy("Publish the ticked careers"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: "QuerySet[Career]") -> None:
        self._move_each(request, queryset, "publish")

    @admin.action(
        description=gettext_lazy("Turn the ticked careers back into drafts"),
        permissions=["publish"],
    )
    def unpublish(
        self, request: HttpRequest, queryset: "QuerySet[Career]"
    ) -> TemplateResponse | None:
        return self._ask_why(request, queryset, "withdraw")

    @admin.action(description=gettext_lazy("Archive the ticked careers"), permissions=["publish"])
    def archive(
        self, request: HttpRequest, queryset: "QuerySet[Career]"
    ) -> TemplateResponse | None:
        return self._ask_why(request, queryset, "archive")

    @admin.action(
        description=gettext_lazy("Give the ticked careers a field of work"), permissions=["change"]
    )
    def assign_field(
        self, request: HttpRequest, queryset: "QuerySet[Career]"
    ) -> TemplateResponse | None:
        form = FieldForm(request.POST if "_asked" in request.POST else None)
        if not form.is_valid():
            title = _("Give a field of work")
            return self._ask_about(request, queryset, form, title)

        def assign(career: Career) -> None:
            if not may_edit(request, career):
                raise ValidationError(_("“%s” is no draft: only an editor changes it.") % career)
            career.field = form.cleaned_data["field"]
            career.save(update_fields=["field", "updated_at"])
            self.log_change(request, career, [{"changed": {"fields": [_("field of work")]}}])

        self._each(request, queryset, assign)
        return None

    def _ask_why(
        self, request: HttpRequest, queryset: "QuerySet[Career]", name: str
    ) -> TemplateResponse | None:
        form = ReasonForm(request.POST if "_asked" in request.POST else None)
        if not form.is_valid():
            return self._ask_about(request, queryset, form, _button(TRANSITIONS[name]))
        self._move_each(request, queryset, name, form.cleaned_data["reason"])
        return None

    def _ask_about(
        self, request: HttpRequest, careers: "QuerySet[Career]", form: forms.Form, title: str
    ) -> TemplateResponse:
        context = {
            "title": title,
            "careers": careers,
            "action": request.POST["action"],
            "ticked": ACTION_CHECKBOX_NAME,
            "back": request.get_full_path(),
        }
        return self.ask(request, form, context)

    def _move_each(self, request: HttpRequest, careers: Any, name: str, reason: str = "") -> None:
        user = user_of(request)
        self._each(
            request, careers, lambda each: lifecycle.move(each, name, user=user, reason=reason)
        )

    def _each(self, request: HttpRequest, careers: Any, do: Callable[[Career], None]) -> None:
        """Do it with one after the other; name those that cannot, and what stands in the way."""
        done = 0
        for career in careers:
            try:
                do(career)
            except ValidationError as why_not:
                self.message_user(request, " ".join(why_not.messages), messages.WARNING)
            else:
                done += 1
        said = ngettext("%(count)s career changed.", "%(count)s careers changed.", done)
        self.message_user(request, said % {"count": grouped(done)}, messages.SUCCESS)


def _said(career: Career, step: Transition) -> str:
    return _("%(what)s: %(why)s") % {"what": career, "why": step.said}


def _button(step: Transition) -> str:
    return str(step.label).rstrip("…")


def _change_form(career: Career) -> str:
    return reverse("admin:careers_career_change", args=[career.pk])
