"""A file as an answer that can be asked for in parts and asked again (RFC 9110, 13 and 14).

Django's FileResponse sends files whole. One range is answered; several in one request are not
worth their protocol, and who asks for them is sent the whole file, as the RFC allows.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, parse_http_date_safe, quote_etag

BLOCK = 64 * 1024
# A number of more digits is beyond every file, and none that Python would read.
_ONE_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


class Unsatisfiable(Exception):
    """The range begins beyond the end of the file."""


class Part(NamedTuple):
    """Bytes of a file: the first one's number, and how many."""

    start: int
    length: int


class _Slice:
    """Part of an open file, in blocks; Django closes it."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self.file, self.rest = file, length

    def __iter__(self) -> Iterator[bytes]:
        while self.rest and (block := self.file.read(min(BLOCK, self.rest))):
            self.rest -= len(block)
            yield block

    def close(self) -> None:
        self.file.close()


def respond(
    request: HttpRequest, path: Path, *, kind: str, etag: str, modified_at: datetime
) -> HttpResponseBase:
    """The file to a GET or HEAD, or what the request's conditions make of it.

    `etag` is strong: another one for any other bytes. `modified_at` counts in whole seconds.
    """
    tag, modified = quote_etag(etag), int(modified_at.astimezone(UTC).timestamp())
    size = path.stat().st_size
    headers = {"ETag": tag, "Last-Modified": http_date(modified), "Accept-Ranges": "bytes"}
    unchanged = get_conditional_response(request, etag=tag, last_modified=modified)
    if unchanged is not None:
        response: HttpResponseBase = unchanged
    else:
        try:
            part = _asked(request, size, tag, modified)
            response = _sent(request, path, part or Part(0, size), kind)
            if part:
                response.status_code = 206
                end = part.start + part.length - 1
                response["Content-Range"] = f"bytes {part.start}-{end}/{size}"
        except Unsatisfiable:
            response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    for name, value in headers.items():
        response[name] = value
    return response


def _sent(request: HttpRequest, path: Path, part: Part, kind: str) -> HttpResponseBase:
    headers = {"Content-Length": str(part.length)}
    if request.method == "HEAD":
        return HttpResponse(content_type=kind, headers=headers)
    file = path.open("rb")
    file.seek(part.start)
    return StreamingHttpResponse(_Slice(file, part.length), content_type=kind, headers=headers)


def _asked(request: HttpRequest, size: int, etag: str, modified: int) -> Part | None:
    """The part that the request asks for; None where the whole file answers it."""
    if request.method != "GET" or not _is_same(request.headers.get("If-Range"), etag, modified):
        return None
    return parse(request.headers.get("Range", ""), size)


def _is_same(condition: str | None, etag: str, modified: int) -> bool:
    """Whether the file is still the one that the reader has a part of: If-Range."""
    if condition is None:
        return True
    if condition.startswith(('"', "W/")):
        return condition == etag  # a weak tag never matches
    return parse_http_date_safe(condition) == modified


def parse(header: str, size: int) -> Part | None:
    """The part of a file of `size` bytes that a Range header names.

    None where there is no range, several, or one that cannot be understood: then the file is sent
    whole. Raises Unsatisfiable where nothing of the file is in it.

    >>> parse("bytes=2-", 10)
    Part(start=2, length=8)
    """
    found = _ONE_RANGE.fullmatch(header.strip())
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(size - int(last), 0), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return None
    if start >= size:
        raise Unsatisfiable
    return Part(start, end - start + 1)
