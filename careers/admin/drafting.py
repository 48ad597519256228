"""Working drafts: the change of a public career, kept beside it until an editor publishes it."""

from copy import copy
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminErrorList
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import DateField, Form
from django.forms.formsets import all_valid
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from careers import lifecycle
from careers.admin.conflicts import Change, VersionedForm
from careers.admin.lifecycle import LifecycleAdmin, ReasonForm, SaveButton
from careers.admin.publishing import may_edit, may_publish, user_of
from careers.models import Career, Draft

SEEN = "_draft_seen"


class _EveryPermission(AnonymousUser):
    """Whose forms hold every field: of a working draft that is filled in and taken back."""

    def has_perm(self, *args: Any, **kwargs: Any) -> bool:
        return True


class DraftingAdmin(LifecycleAdmin):
    """The page of a working draft: the career's own form, saved beside it whatever its errors."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/draft/", view(self.draft_view), name="careers_career_draft"),
            path(
                "<int:pk>/draft/send-back/",
                view(self.send_draft_back_view),
                name="careers_career_draft_send_back",
            ),
            path(
                "<int:pk>/draft/discard/",
                view(self.discard_draft_view),
                name="careers_career_draft_discard",
            ),
        ]
        return own + super().get_urls()

    # --- Writing it ---------------------------------------------------------------------------

    def draft_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the working draft in the career's form; on POST keep it, or publish the change."""
        career = self._career_to_draft(request, pk)
        draft = Draft.objects.filter(career=career).first()
        if request.method != "POST":
            if draft is None and career.status != Career.Status.PUBLISHED:
                return HttpResponseRedirect(_address("change", career))
            return self._show(request, career, draft, draft.posted if draft else None)
        if draft and request.POST.get(SEEN) != draft.stamp:
            messages.warning(
                request,
                _(
                    "%(user)s saved a working draft after you had opened this page; see it in "
                    "another window. What you typed is below, not yet saved: saving it again "
                    "replaces the other."
                )
                % {"user": draft.user or "–"},
            )
            return self._show(request, career, draft, request.POST)
        if "_publish_draft" in request.POST:
            context = self._context_of(request, career, draft)
            return self.changeform_view(request, str(pk), "", context)
        return self._keep(request, career, draft)

    def _career_to_draft(self, request: HttpRequest, pk: int) -> Career:
        if not request.user.has_perm("careers.change_career"):
            raise PermissionDenied
        career: Career | None = self.get_object(request, str(pk))
        if career is None:
            raise Http404
        return career

    def _keep(self, request: HttpRequest, career: Career, draft: Draft | None) -> HttpResponse:
        user = user_of(request)
        is_submitted = "_submit_draft" in request.POST
        submitted_at = timezone.now() if is_submitted else None
        if draft and not is_submitted and may_publish(request):
            # An editor mends what was submitted: it goes on waiting.
            submitted_at = draft.submitted_at
        kept = {"form": _in_no_language(request.POST), "user": user, "submitted_at": submitted_at}
        Draft.objects.update_or_create(career=career, defaults=kept)
        if is_submitted:
            lifecycle.log(career, user, _("Working draft submitted for review"))
        elif draft is None:
            lifecycle.log(career, user, _("Working draft begun"))
        said = _("The working draft is saved. The public page stays as it is.")
        messages.success(request, said)
        return HttpResponseRedirect(_address("draft", career))

    def response_change(self, request: HttpRequest, obj: Career) -> HttpResponse:
        """The change went through the form like any other: its working draft has served."""
        if "_publish_draft" not in request.POST:
            return super().response_change(request, obj)
        Draft.objects.filter(career=obj).delete()
        lifecycle.log(obj, user_of(request), _("Working draft published"))
        messages.success(request, _("The change of “%s” is published.") % obj)
        return HttpResponseRedirect(_address("change", obj))

    # --- Showing it ---------------------------------------------------------------------------

    def _show(
        self, request: HttpRequest, career: Career, draft: Draft | None, posted: QueryDict | None
    ) -> HttpResponse:
        """The form as it was filled in, or as it is saved; it is not saved by being shown."""
        context = self._context_of(request, career, draft)
        return self.changeform_view(_posed(request, posted), str(career.pk), "", context)

    def _context_of(
        self, request: HttpRequest, career: Career, draft: Draft | None
    ) -> dict[str, Any]:
        buttons = [SaveButton("_draft", _("Save the working draft"))]
        if may_edit(request, career):
            buttons.append(SaveButton("_publish_draft", _("Publish the change")))
        else:
            buttons.append(SaveButton("_submit_draft", _("Save and submit for review")))
        hidden = ("show_save", "show_save_and_continue", "show_save_and_add_another")
        return {
            "title": _("Working draft"),
            "is_draft": True,
            "draft": draft,
            "may_discard": draft is not None and self._may_discard(request, draft),
            "may_send_back": draft and draft.submitted_at and may_publish(request),
            "life": None,
            "save_buttons": buttons,
            "show_delete": False,
            **dict.fromkeys(hidden, False),
        }

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        career = context.get("original")
        if context.get("is_draft"):
            context["changes"] = _changes(context)
        elif career:
            context["draft"] = Draft.objects.select_related("user").filter(career=career).first()
            context["may_draft"] = career.status == Career.Status.PUBLISHED and (
                request.user.has_perm("careers.change_career")
            )
        return super().render_change_form(request, context, *args, **kwargs)

    def save_buttons(self, request: HttpRequest, career: Career | None) -> list[SaveButton]:
        buttons = super().save_buttons(request, career)
        if career and career.status == Career.Status.PUBLISHED and may_edit(request, career):
            label = _("Save as working draft")
            buttons.append(SaveButton("_draft", label, _address("draft", career)))
        return buttons

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[Any]:
        form: type[Any] = super().get_form(request, *args, **kwargs)
        form.only_shown = getattr(request, "is_only_shown", False)
        return form

    # --- Ending it ----------------------------------------------------------------------------

    def send_draft_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """To the one who submitted it, with a reason."""
        draft = self._draft(request, pk)
        if not may_publish(request):
            raise PermissionDenied
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            Draft.objects.filter(pk=draft.pk).update(submitted_at=None)
            why = {"what": _("Working draft sent back"), "why": form.cleaned_data["reason"]}
            lifecycle.log(draft.career, user_of(request), _("%(what)s: %(why)s") % why)
            return HttpResponseRedirect(_address("draft", draft.career))
        return self._ask_about_draft(request, draft, form, _("Send the working draft back"))

    def discard_draft_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        draft = self._draft(request, pk)
        if not self._may_discard(request, draft):
            raise PermissionDenied
        if request.method == "POST":
            draft.delete()
            lifecycle.log(draft.career, user_of(request), _("Working draft discarded"))
            return HttpResponseRedirect(_address("change", draft.career))
        return self._ask_about_draft(request, draft, Form(), _("Discard the working draft"))

    def _ask_about_draft(
        self, request: HttpRequest, draft: Draft, form: Form, title: str
    ) -> HttpResponse:
        back = _address("draft", draft.career)
        context = {"title": title, "subtitle": str(draft.career), "back": back}
        return self.ask(request, form, context)

    def _draft(self, request: HttpRequest, pk: int) -> Draft:
        draft = Draft.objects.filter(career=self._career_to_draft(request, pk)).first()
        if draft is None:
            raise Http404
        return draft

    def _may_discard(self, request: HttpRequest, draft: Draft) -> bool:
        return may_publish(request) or draft.user == request.user


def fill_in(career_admin: admin.ModelAdmin, request: HttpRequest, draft: Draft) -> list[str]:
    """Save the working draft as if it were published, or return what stands in the way.

    For a transaction that is rolled back: it asks nobody's permission (see `previewing`).
    """
    posed = _posed(request, draft.posted)
    posed.is_only_shown = False  # type: ignore[attr-defined]
    posed.user = _EveryPermission()
    fields = flatten_fieldsets(career_admin.get_fieldsets(posed, draft.career))
    form_class = career_admin.get_form(posed, draft.career, change=True, fields=fields)
    form = form_class(posed.POST, instance=draft.career)
    # What Django's own change form calls; there is no public name for it.
    formsets, _inlines = career_admin._create_formsets(posed, form.instance, change=True)  # type: ignore[attr-defined]
    if not (form.is_valid() and all_valid(formsets)):
        lists: Any = AdminErrorList(form, formsets)
        return [str(message) for messages in lists for message in messages]
    for each in (form, *formsets):
        each.save()
    return []


def _in_no_language(posted: QueryDict) -> dict[str, list[str]]:
    """What a draft keeps of the form: its days as every language reads them, 2023-04-30.

    By the rule of the house a field that ends in `_on` is a day (CONTRIBUTING.md).
    """
    kept = Draft.of_form(posted)
    return {name: [*map(_day, kept[name])] if name.endswith("_on") else kept[name] for name in kept}


def _day(typed: str) -> str:
    try:
        day = DateField(required=False).clean(typed)
    except ValidationError:
        return typed
    return day.isoformat() if day else ""


def _posed(request: HttpRequest, posted: QueryDict | None) -> HttpRequest:
    """The request as if this form had been sent with it, to be shown and not to be saved."""
    posed = copy(request)
    posed.method = "GET" if posted is None else "POST"
    posed.POST = QueryDict() if posted is None else posted  # type: ignore[assignment]
    # Else the copy would read the body of the request for files, and find another form in it.
    posed._files = MultiValueDict()  # type: ignore[attr-defined]
    posed.is_rehearsal = posed.is_only_shown = True  # type: ignore[attr-defined]
    return posed


def _changes(context: dict[str, Any]) -> list[tuple[str, list[Change]]]:
    """What the working draft changes: of the career, then of each figure, the fields marked."""
    form = context["adminform"].form
    found = [("", _marked(form))]
    for inline in context["inline_admin_formsets"]:
        for number, each in enumerate(inline.formset.forms, start=1):
            if not isinstance(each, VersionedForm):
                continue
            where = _("Figure %d") % number
            if each.is_bound and each.data.get(each.add_prefix("DELETE")):
                found.append((_("%s: deleted") % where, []))
            elif changes := _marked(each):
                new = each.instance.pk is None and not each.is_gone
                found.append((_("%s: new") % where if new else where, changes))
    return [(where, changes) for where, changes in found if where or changes]


def _marked(form: VersionedForm) -> list[Change]:
    changes = form.changes if form.is_bound else []
    for change in changes:
        name = change.name.removeprefix(form.add_prefix(""))
        form.fields[name].widget.attrs["data-changed"] = ""
    return changes


def _address(view: str, career: Career) -> str:
    return reverse(f"admin:careers_career_{view}", args=[career.pk])
