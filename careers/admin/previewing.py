"""A draft as the public would see it: on one admin page, and behind a signed link that expires.

The draft is published inside a transaction, the public page itself answers, and all of it is
taken back: what is shown is what publishing would give, whatever the public page comes to hold.
"""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from careers import headers
from careers.admin.drafting import fill_in
from careers.models import Career, Draft

SHARED_FOR = timedelta(days=7)
_SALT = "careers.preview"
# A header that asks for less than the whole page is not the visitor's whom the preview plays.
_ASIDE = ("HTTP_IF_", "HTTP_HX_", "HTTP_COOKIE", "CONTENT_", "QUERY_STRING")


class Preview(NamedTuple):
    """What the banner of a previewed page says, and whether the page stands in a frame."""

    is_framed: bool = False
    until: datetime | None = None


class Frame(NamedTuple):
    """The page in one language, to be shown in a frame."""

    language: str
    name: str
    address: str


class PreviewingAdmin(admin.ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        page = view(require_safe(self.preview_page_view))
        frame = view(require_safe(self.preview_frame_view))
        # For a colleague without an account: the signature is the permission.
        shared = require_safe(self.preview_shared_view)
        name = "careers_career_preview"
        own = [
            path("<int:pk>/preview/", page, name=f"{name}_page"),
            path("<int:pk>/preview/frame/", frame, name=f"{name}_frame"),
            path("preview/<str:token>/", shared, name=f"{name}_shared"),
        ]
        return own + super().get_urls()

    def preview_page_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page in both languages, as wide as a phone and as the window; and a link to share."""
        career = self._career_to_look_at(request, pk)
        draft = Draft.objects.filter(career=career).first()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Preview"),
            "subtitle": str(career),
            "career": career,
            "draft": draft,
            "frames": [
                Frame(language, name, _address("frame", pk, language))
                for language, name in (("fr", "Français"), ("en", "English"))
            ],
        }
        if self.has_change_permission(request):
            shared = _address("shared", share(career, draft))
            context["shared"] = request.build_absolute_uri(shared)
            context["until"] = timezone.now() + SHARED_FOR
        response = TemplateResponse(request, "admin/careers/preview_page.html", context)
        response["Cache-Control"] = "private, no-store"
        return response

    def preview_frame_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        career = self._career_to_look_at(request, pk)
        draft = Draft.objects.filter(career=career).first()
        response = self._previewed(request, career, draft, Preview(is_framed=True))
        response["X-Frame-Options"] = "SAMEORIGIN"
        response[headers.POLICY] = headers.policy(frame_ancestors=["'self'"])
        return response

    def preview_shared_view(self, request: HttpRequest, token: str) -> HttpResponse:
        """What a link shows until it expires, or its draft is published or discarded."""
        try:
            named = signing.loads(token, salt=_SALT, max_age=SHARED_FOR)
        except signing.BadSignature as wrong:
            raise Http404(_("This preview has ended.")) from wrong
        career = Career.objects.filter(pk=named["career"]).first()
        draft = Draft.objects.filter(pk=named["draft"], career=career).first()
        has_ended = career is None or career.status == Career.Status.ARCHIVED
        if career is None or has_ended or (named["draft"] and draft is None):
            raise Http404(_("This preview has ended."))
        if draft is None and career.is_public_at(timezone.now()):
            return HttpResponseRedirect(career.get_absolute_url())
        signed_at = datetime.fromisoformat(named["at"])
        return self._previewed(request, career, draft, Preview(until=signed_at + SHARED_FOR))

    def _career_to_look_at(self, request: HttpRequest, pk: int) -> Career:
        career: Career | None = self.get_object(request, str(pk))
        if not self.has_view_permission(request, career):
            raise PermissionDenied
        if career is None:
            raise Http404
        return career

    def _previewed(
        self, request: HttpRequest, career: Career, draft: Draft | None, preview: Preview
    ) -> HttpResponse:
        with transaction.atomic():
            errors = fill_in(self, request, draft) if draft else []
            errors = errors or _published(career)
            response = _public_page(request, career, preview) if not errors else None
            transaction.set_rollback(True)
        if response is None:
            request.preview = preview  # type: ignore[attr-defined]
            context = {"errors": errors}
            response = TemplateResponse(request, "careers/preview_refused.html", context)
            response.render()
        shown = HttpResponse(response.content, status=response.status_code)
        shown["Cache-Control"] = "private, no-store"
        shown["X-Robots-Tag"] = "noindex, nofollow"
        # The address is the permission: it is told to no other site.
        shown["Referrer-Policy"] = "no-referrer"
        return shown


def share(career: Career, draft: Draft | None) -> str:
    """The token of a link that shows this draft for seven days, and no other."""
    named = {"career": career.pk, "draft": draft and draft.pk, "at": timezone.now().isoformat()}
    return signing.dumps(named, salt=_SALT)


def _published(career: Career) -> list[str]:
    """Publish for the length of the transaction; return what stands in the way."""
    career.refresh_from_db()
    now = timezone.now()
    if not career.title_fr:
        return [_("“%s” needs a French title first.") % career]
    if not career.is_public_at(now):
        Career.objects.filter(pk=career.pk).update(
            status=Career.Status.PUBLISHED, published_at=now, unpublished_at=None
        )
    return []


def _public_page(request: HttpRequest, career: Career, preview: Preview) -> HttpResponse:
    """The answer that a visitor without an account would get from the page of the career."""
    environ = {key: value for key, value in request.META.items() if not key.startswith(_ASIDE)}
    visit: Any = WSGIRequest(environ | {"REQUEST_METHOD": "GET", "wsgi.input": BytesIO()})
    visit.user = AnonymousUser()
    visit.preview = preview
    found = resolve(career.get_absolute_url())
    response: HttpResponse = found.func(visit, *found.args, **found.kwargs)
    if isinstance(response, TemplateResponse):
        response.render()
    return response


def _address(view: str, named: int | str, language: str | None = None) -> str:
    if language is None:
        return reverse(f"admin:careers_career_preview_{view}", args=[named])
    with override(language):
        return _address(view, named)
