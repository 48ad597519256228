"""The open data: the page that explains it, and its files."""

import re

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from careers import open_data, ranges
from careers.open_data.descriptor import notes
from careers.open_data.licences import licence

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "json": "application/json",
    "gz": "application/gzip",
}
# Of the files that are not in both; that of the reader, which Django would name, changes none.
LANGUAGES_OF = {"datapackage.json": "en", "datapackage.fr.json": "fr"}
# Not refused by "q=0".
_ACCEPTS_GZIP = re.compile(r"(?:^|[\s,])gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)")


@require_safe
@conditional_page
def data(request: HttpRequest) -> TemplateResponse:
    context = {
        "release": open_data.current(),
        "licence": licence(settings.OPEN_DATA_LICENCE),
        "notes": notes(),
    }
    return TemplateResponse(request, "careers/data.html", context)


@require_safe
def data_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """A file of the release that is served, whole or in part; compressed for who accepts that."""
    release = open_data.current()
    entry = release.file(name) if release else None
    if release is None or entry is None:
        raise Http404(_("No file has this name."))
    # What is sent is what was built: the middleware that compresses pages would change its bytes.
    accepted = request.META.pop("HTTP_ACCEPT_ENCODING", "")
    small = release.file(f"{name}.gz") if _ACCEPTS_GZIP.search(accepted) else None
    sent = small or entry
    response = ranges.respond(
        request,
        release.folder / sent.name,
        kind=KINDS[name.rpartition(".")[2]],
        etag=sent.sha256,
        modified_at=release.built_at,
    )
    if small and response.status_code in (200, 206):
        response["Content-Encoding"] = "gzip"
    if not name.endswith(".json"):
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    patch_cache_control(response, public=True, no_cache=True)
    patch_vary_headers(response, ["Accept-Encoding"])
    response["X-Robots-Tag"] = "noindex"
    response["Content-Language"] = LANGUAGES_OF.get(name.removesuffix(".gz"), "fr, en")
    # Read by any page, as by any program.
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "Accept-Ranges, Content-Range, ETag"
    return response
