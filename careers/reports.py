"""A reader's word that a figure has a newer source: its form, and what keeps machines out.

Public pages set no cookie for a visitor, so there is neither a session nor Django's CSRF token, and
the view is exempt from it. Nothing is lost by that: nobody is signed in, and a forged post could do
no more than its author can do by hand, which is to leave a note for an editor. What remains is
spam, and against it stand

- a token, signed and dated, that is good for one figure, after three seconds and for one day;
- a field that people never see and that machines fill: what it catches looks sent, and is dropped;
- the `Origin` of the post, or else its `Referer`: where one is sent, it is this site;
- five reports an hour from one address. It is counted in the cache (by process, with Django's
  default one) under a keyed digest, and never stored.

What can happen to a person is named on the form, with all that was typed still in it.
"""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from careers.models import Report, SalaryBand, active_language

SOONEST, LATEST = 3, 24 * 60 * 60  # seconds between the form and its post
MOST, AN_HOUR = 5, 60 * 60
SEEN = ("url", "message", "email")
_signer = signing.TimestampSigner(salt="careers.reports")


class ReportForm(forms.Form):
    """What a newer source says of one figure. `website` is the field that people never see."""

    url = forms.URLField(
        label=_("Address of the source"),
        help_text=_("If it can be read online. You can leave it empty."),
        max_length=500,
        required=False,
        assume_scheme="https",
        # Not of the type url: what was mistyped stands in it again.
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )
    message = forms.CharField(
        label=_("What it says"),
        help_text=_(
            "Its amounts, for whom, where, and of which date: in its own words if you can."
        ),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off"}),
        error_messages={"required": _("Say what the source states: without it we cannot check.")},
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_(
            "Only so that an editor can ask you about this figure. It is never published. You can "
            "leave it empty."
        ),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    website = forms.CharField(required=False, label=_("Leave this empty"))
    token = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, band: SalaryBand, request: HttpRequest) -> None:
        posted = request.POST if request.method == "POST" else None
        super().__init__(posted, initial={"token": _signer.sign(str(band.pk))})
        self.band, self.request = band, request

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields that people see."""
        return [self[name] for name in SEEN]

    @property
    def fresh_token(self) -> str:
        """What the next post sends: the same token, so that waiting counts, unless it is spent."""
        sent = str(self.data.get("token", ""))
        is_good = _refusal(sent, self.band) in ("", "early")
        return sent if is_good else str(self.initial["token"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.errors.pop("token", None)
        if why := self._refusal():
            raise ValidationError(REFUSALS[why], code=why)
        return cleaned

    def _refusal(self) -> str:
        """Why the post is not taken, whatever its fields say: a key of REFUSALS, or ""."""
        if _is_foreign(self.request):
            return "foreign"
        why = _refusal(str(self.data.get("token", "")), self.band)
        if self.errors:  # it will be sent again anyhow, and later
            return why if why != "early" else ""
        return why if why or _is_within_limit(self.request) else "many"

    def save(self) -> None:
        """Leave the report for the editors; sent twice, it is one."""
        said = {name: self.cleaned_data[name] for name in SEEN}
        same = self.band.reports.waiting().filter(**said)
        if not self.cleaned_data["website"] and not same.exists():
            Report.objects.create(band=self.band, language=active_language(), **said)


REFUSALS = {
    "early": _("That was quick: please check what you typed, and send it again."),
    "late": _("This form was open for more than a day. It is renewed: please send it again."),
    "wrong": _("This form belongs to another page. It is renewed: please send it again."),
    "foreign": _("This was sent from another site. Please send it from here."),
    "many": _("Several reports have come from your connection within an hour. Please come back."),
}


def _refusal(token: str, band: SalaryBand) -> str:
    """Why a form with this token is not taken for this figure: a key of REFUSALS, or ""."""
    try:
        figure = _signer.unsign(token, max_age=LATEST)
    except signing.SignatureExpired:
        return "late"
    except signing.BadSignature:
        return "wrong"
    if figure != str(band.pk):
        return "wrong"
    try:
        _signer.unsign(token, max_age=SOONEST)
    except signing.SignatureExpired:
        return ""
    return "early"


def _is_foreign(request: HttpRequest) -> bool:
    """Whether the browser says that the form stood on another site; one that says nothing may."""
    sent_from = request.headers.get("Origin") or request.headers.get("Referer")
    return bool(sent_from) and urlsplit(sent_from).netloc != request.get_host()


def _is_within_limit(request: HttpRequest) -> bool:
    """Count one more report from this address, and say whether it is one of the first MOST."""
    digest = salted_hmac("careers.reports", _address(request)).hexdigest()
    key = f"careers.reports.{digest}"
    cache.add(key, 0, AN_HOUR)
    try:
        return cache.incr(key) <= MOST
    except ValueError:
        # The hour ended between the two, or the cache lost the count.
        return True


def _address(request: HttpRequest) -> str:
    """The visitor's address: behind a trusted proxy, the last one that it forwarded."""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    if forwarded and getattr(settings, "SECURE_PROXY_SSL_HEADER", None):
        return forwarded
    return str(request.META.get("REMOTE_ADDR", ""))
