"""Scripts of this site, each with the digest of what it has to be."""

from base64 import b64encode
from functools import cache
from hashlib import sha384
from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def script(path: str, *, deferred: bool = True) -> SafeString:
    """A script that runs as it was published, or not at all, wherever static files are kept.

    {% script "careers/site.js" %} {% script "careers/theme.js" deferred=False %}
    """
    defer = SafeString(" defer") if deferred else ""
    if settings.DEBUG:  # the file may change at any moment
        return format_html('<script src="{}"{}></script>', static(path), defer)
    return format_html(
        '<script src="{}" integrity="{}"{}></script>', static(path), _digest(path), defer
    )


@cache
def _digest(path: str) -> str:
    return f"sha384-{b64encode(sha384(_content(path)).digest()).decode()}"


def _content(path: str) -> bytes:
    """The file as it is served: collected, with the names of others in it replaced; or its source
    where nothing is collected."""
    if isinstance(staticfiles_storage._wrapped, ManifestFilesMixin):  # type: ignore[attr-defined]
        with staticfiles_storage.open(staticfiles_storage.stored_name(path)) as file:  # type: ignore[attr-defined]
            return bytes(file.read())
    return Path(str(finders.find(path))).read_bytes()
