"""A career, its figures, and the pictures of shared links."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from careers import index, pictures
from careers.career_pay import CareerPay
from careers.headers import open_to_others
from careers.models import Career, ExchangeRate, SalaryBand, active_language
from careers.reports import ReportForm
from careers.shared_pages import shared
from careers.statements import Statements

PICTURE_KEPT = 365 * 24 * 60 * 60  # seconds
RELATED_SHOWN = 6


@require_safe
@shared
def career_detail(request: HttpRequest, slug: str) -> HttpResponse:
    career = Career.objects.published().select_related("field").at_address(slug)
    if career is None:
        raise Http404(_("No career has this address."))
    if career.slug != slug:
        return redirect(career, permanent=True)
    context = {
        "career": career,
        "pay": CareerPay(career, request.GET),
        "currencies": ExchangeRate.objects.currencies,
    }
    # A preview is of content that will be rolled back: nothing of it is kept, nor anything used.
    if hasattr(request, "preview"):
        context["related"] = _related(career)
    else:
        figures, at = index.current()
        context["kept"], context["state"] = figures.kept_parts, at
        # Any other career may be nearer after any change.
        key = ("related", at, active_language())
        context["related"] = figures.kept_parts.of((career.pk, *key), lambda: _related(career))
    return TemplateResponse(request, "careers/career_detail.html", context)


def _related(career: Career) -> list[Career]:
    return list(Career.objects.published().related_to(career)[:RELATED_SHOWN])


@require_safe
@shared
def figure_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    band = _figure(slug, pk)
    if band.career.slug != slug:
        return redirect("careers:figure_detail", band.career.slug, pk, permanent=True)
    series = SalaryBand.objects.in_series_of(band)
    context = {"band": band, "bands": [band], "series": list(series)}
    return TemplateResponse(request, "careers/figure_detail.html", context)


@require_safe
@shared
def figure_json(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The figure with all its conditions, in both languages, for a program."""
    band = _figure(slug, pk)
    if band.career.slug != slug:
        return redirect("careers:figure_json", band.career.slug, pk, permanent=True)
    series = SalaryBand.objects.in_series_of(band).select_related("career")
    data = Statements(request.build_absolute_uri("/")[:-1]).in_series(band, series)
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})


def _figure(slug: str, pk: int) -> SalaryBand:
    """The public figure of that number, if its career has or had that slug, or Http404."""
    band = SalaryBand.objects.published().at_address(slug, pk).with_answer(None).first()
    if band is None:
        raise Http404(_("No figure has this address."))
    return band


@csrf_exempt  # careers/reports.py says why, and what stands in its place
@require_http_methods(["GET", "HEAD", "POST"])
def figure_report(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    band = _figure(slug, pk)
    if band.career.slug != slug and request.method != "POST":
        return redirect("careers:figure_report", band.career.slug, pk, permanent=True)
    form = ReportForm(band, request)
    if form.is_valid():
        form.save()
        return redirect("careers:report_thanks", band.career.slug, pk)
    context = {"band": band, "form": form}
    return TemplateResponse(request, "careers/figure_report.html", context)


@require_safe
def report_thanks(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    band = _figure(slug, pk)
    if band.career.slug != slug:
        return redirect("careers:report_thanks", band.career.slug, pk, permanent=True)
    return TemplateResponse(request, "careers/report_thanks.html", {"band": band})


@require_safe
def career_picture(request: HttpRequest, slug: str, version: str) -> HttpResponse:
    career = get_object_or_404(Career.objects.published(), slug=slug)
    bands = career.bands.current().with_answer(None).in_reading_order()
    picture = pictures.of_career(career, bands)
    if version != picture.version:
        return redirect("careers:career_picture", slug, picture.version)
    return _drawn(picture, request)


@require_safe
def site_picture(request: HttpRequest, version: str) -> HttpResponse:
    picture = pictures.of_site()
    if version != picture.version:
        return redirect("careers:site_picture", picture.version)
    return _drawn(picture, request)


def _drawn(picture: pictures.Picture, request: HttpRequest) -> HttpResponse:
    """The PNG; its address changes with it, so that it may be kept for good."""
    etag = quote_etag(picture.version)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(picture.png(), content_type="image/png", headers={"ETag": etag})
    open_to_others(response)
    patch_cache_control(response, public=True, max_age=PICTURE_KEPT, immutable=True)
    return response
