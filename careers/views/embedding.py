"""The pay chart of a career for pages of others, and how they ask for it: https://oembed.com."""

from typing import Any
from urllib.parse import SplitResult, urlsplit
from xml.etree import ElementTree

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import get_language_from_path, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from careers.embedding import WIDTH, Chart, frame
from careers.headers import embeddable
from careers.models import Career
from careers.shared_pages import shared
from careers.templatetags.embedding import chart_title, heights_of
from careers.xml import writable

KEPT = 24 * 60 * 60  # seconds for which who asked may keep the answer
PAGES = ("careers:career_detail", "careers:career_embed")


@require_safe
@shared
@embeddable
def career_embed(request: HttpRequest, slug: str) -> HttpResponse:
    career = _career(slug)
    if career.slug != slug:
        path = reverse("careers:career_embed", args=[career.slug])
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"{path}?{query}" if query else path, permanent=True)
    context = {"career": career, "chart": Chart(career, request.GET)}
    response = TemplateResponse(request, "careers/embed.html", context)
    # It repeats what the career's page says.
    response["X-Robots-Tag"] = "noindex"
    return response


def _career(slug: str) -> Career:
    """The public career that has or once had that slug, or Http404."""
    career = Career.objects.published().at_address(slug)
    if career is None:
        raise Http404(_("No career has this address."))
    return career


@require_safe
@shared
def oembed(request: HttpRequest) -> HttpResponse:
    """How to embed the chart of the career whose page or chart `url` names, or 404."""
    kind = request.GET.get("format", "json")
    if kind not in ("json", "xml"):
        return _plain(501, f"format={kind}: json or xml")
    address = request.GET.get("url", "")
    if not address:
        return _plain(400, "url: the address of a career's page is missing")
    try:
        about = _described(request, urlsplit(address))
    except ValueError as wrong:  # no address at all
        raise Http404(str(wrong)) from wrong
    response: HttpResponse
    if kind == "xml":
        response = HttpResponse(_as_xml(about), content_type="text/xml; charset=utf-8")
    else:
        response = JsonResponse(about, json_dumps_params={"ensure_ascii": False})
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _plain(status: int, text: str) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")


def _described(request: HttpRequest, address: SplitResult) -> dict[str, Any]:
    """The answer of oEmbed 1.0, of the type "rich", in the language of the page that was named."""
    if address.netloc != request.get_host():
        raise Http404(_("This address is not of this site."))
    with override(get_language_from_path(address.path) or "fr"):
        try:
            match = resolve(address.path)
        except Resolver404 as missing:
            raise Http404(_("No career has this address.")) from missing
        if match.view_name not in PAGES:
            raise Http404(_("No career has this address."))
        career = _career(match.kwargs["slug"])
        chart = Chart(career, QueryDict(address.query))
        path = reverse("careers:career_embed", args=[career.slug])
        source, title = request.build_absolute_uri(f"{path}{chart.query}"), chart_title(career)
        width = min(WIDTH, _most(request, "maxwidth"))
        heights = heights_of(chart, chart.shown).within(_most(request, "maxheight"))
        return {
            "version": "1.0",
            "type": "rich",
            "title": title,
            "provider_name": _("Careers, plainly"),
            "provider_url": request.build_absolute_uri(reverse("careers:career_list")),
            "cache_age": KEPT,
            "html": frame(source, title, heights, width),
            "width": width,
            "height": heights.at(width),
        }


def _most(request: HttpRequest, name: str) -> int:
    """The most pixels that the page around has room for; what is no number limits nothing."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and 0 < len(text) <= 5 and int(text) else 100_000


def _as_xml(about: dict[str, Any]) -> bytes:
    root = ElementTree.Element("oembed")
    for name, value in about.items():
        ElementTree.SubElement(root, name).text = writable(str(value))
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
