"""The second factor of staff: a code of their phone after the password, where REQUIRE_OTP says so.

django-otp makes and checks the codes, refuses one that was used, and slows down guessing. Who has
no second factor yet sets one up right after the password, and can do nothing else before.
"""

import time
from typing import Any

import qrcode
from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME, get_user_model, logout
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import devices_for_user, login, verify_token
from django_otp.models import Device
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key
from qrcode.image.svg import SvgPathImage

RECOVERY_CODES = 10
# The secret that a session offers to a phone. It belongs to the session: whoever else has the
# password is offered another one.
_OFFERED = "second_factor_offered"


class CodeForm(forms.Form):
    """A code; `wait` is for how many seconds none is tried, after wrong ones."""

    wait = 0
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
        error_messages={"required": _("Type the code.")},
    )

    def clean_code(self) -> str:
        """The code as it is kept, however it was spaced."""
        return "".join(filter(str.isalnum, self.cleaned_data["code"])).lower()


class SecondFactorSite(AdminSite):
    """An admin that lets in whoever has given both factors, where both are required."""

    def has_permission(self, request: HttpRequest) -> bool:
        is_complete = not settings.REQUIRE_OTP or request.user.is_verified()  # type: ignore[union-attr]
        return super().has_permission(request) and is_complete

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = path("second-factor/", self.second_factor, name="second_factor")
        return [own, *super().get_urls()]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        has_factor = settings.REQUIRE_OTP and self.has_permission(request)
        url = reverse("admin:second_factor") if has_factor else ""
        return {**super().each_context(request), "second_factor_url": url}

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.method == "GET" and self._has_password_only(request):
            then = {REDIRECT_FIELD_NAME: _next(request)}
            return HttpResponseRedirect(f"{reverse('admin:second_factor')}?{urlencode(then)}")
        return super().login(request, extra_context)

    def _has_password_only(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not self.has_permission(request)

    @method_decorator([never_cache, sensitive_post_parameters()])
    def second_factor(self, request: HttpRequest) -> HttpResponse:
        """Asks for a code; sets a phone up; or, given both factors, replaces codes and phones."""
        if not settings.REQUIRE_OTP:
            raise Http404
        user = request.user
        if not super().has_permission(request) or not isinstance(user, User):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        if "leave" in request.POST:
            logout(request)
            return HttpResponseRedirect(reverse("admin:login"))
        is_verified = self.has_permission(request)
        if not is_verified and any(devices_for_user(user)):
            return self._ask(request, user)
        has_phone = TOTPDevice.objects.devices_for_user(user, confirmed=True).exists()
        if not has_phone or (is_verified and _OFFERED in request.session):
            return self._set_up(request, user)
        return self._change(request, user)

    def _ask(self, request: HttpRequest, user: User) -> HttpResponse:
        form = CodeForm(request.POST or None)
        if form.is_valid() and (device := _verified(user, form)):
            login(request, device)
            request.session.cycle_key()
            return HttpResponseRedirect(_next(request))
        return self._page(request, "admin/second_factor/ask.html", _("Second factor"), form)

    def _set_up(self, request: HttpRequest, user: User) -> HttpResponse:
        key = request.session.setdefault(_OFFERED, default_key())
        offered = TOTPDevice(user=user, key=key, name="phone")
        form = CodeForm(request.POST if "code" in request.POST else None)
        if form.is_valid():
            if _confirmed(offered, form.cleaned_data["code"]):
                del request.session[_OFFERED]
                login(request, offered)
                request.session.cycle_key()
                return self._show_codes(request, user)
            form.add_error("code", _("This is not the code that the app shows now. Type the next."))
        secret = offered.config_url.partition("secret=")[2].partition("&")[0]
        context = {"picture": _picture(offered.config_url), "secret": secret}
        return self._page(
            request,
            "admin/second_factor/set_up.html",
            _("Set up your second factor"),
            form,
            **context,
        )

    def _change(self, request: HttpRequest, user: User) -> HttpResponse:
        form = CodeForm(request.POST or None)
        if form.is_valid() and _verified(user, form):
            if "codes" in request.POST:
                return self._show_codes(request, user)
            request.session[_OFFERED] = default_key()
            return HttpResponseRedirect(reverse("admin:second_factor"))
        left = StaticToken.objects.filter(device__user=user).count()
        return self._page(
            request, "admin/second_factor/change.html", _("Second factor"), form, left=left
        )

    def _show_codes(self, request: HttpRequest, user: User) -> HttpResponse:
        """The new recovery codes, which no page shows a second time."""
        codes = _new_codes(user)
        return self._page(
            request, "admin/second_factor/codes.html", _("Recovery codes"), CodeForm(), codes=codes
        )

    def _page(
        self, request: HttpRequest, template: str, title: Any, form: CodeForm, **more: Any
    ) -> HttpResponse:
        context = {
            **self.each_context(request),
            **{"title": title, "form": form, "next": _next(request), "user_name": request.user},
            **more,
        }
        response = TemplateResponse(request, template, context)
        if form.wait:
            response.status_code = 429
            response["Retry-After"] = str(form.wait)
        return response


def _next(request: HttpRequest) -> str:
    """Where on this site whoever logs in wanted to go."""
    asked = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    here = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(asked, here, require_https=request.is_secure())
    return asked if is_ours else reverse("admin:index")


def _verified(user: User, form: CodeForm) -> Device | None:
    """The device that takes the code; without one, the form says why."""
    code = form.cleaned_data["code"]
    kind = TOTPDevice if len(code) == 6 and code.isdecimal() else StaticDevice
    for device in kind.objects.devices_for_user(user, confirmed=True):
        is_allowed, lock = device.verify_is_allowed()
        if not is_allowed:
            form.wait = wait = int((lock["locked_until"] - timezone.now()).total_seconds()) + 1
            told = ngettext(
                "Several codes were wrong. Wait %d second.",
                "Several codes were wrong. Wait %d seconds.",
                wait,
            )
            form.add_error("code", told % wait)
            return None
        if found := verify_token(user, device.persistent_id, code):
            return found
    form.add_error("code", _("This code is wrong, or was used already. Type the next one."))
    return None


def _confirmed(offered: TOTPDevice, code: str) -> bool:
    """Keep the phone as the only one of its user, if this is its code; the code is used up."""
    reckoned = TOTP(offered.bin_key, offered.step, offered.t0, offered.digits)
    reckoned.time = time.time()
    is_right = code.isdecimal() and reckoned.verify(int(code), offered.tolerance)
    if is_right:
        offered.last_t, offered.drift = reckoned.t(), reckoned.drift
        with transaction.atomic():
            # Two windows that set one up at the same time leave one phone.
            get_user_model().objects.select_for_update().get(pk=offered.user_id)
            TOTPDevice.objects.filter(user=offered.user_id).delete()
            offered.save()
    return bool(is_right)


def _new_codes(user: User) -> list[str]:
    """Recovery codes in the place of those before, each good for one login."""
    codes = [StaticToken.random_token() for _number in range(RECOVERY_CODES)]
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery codes")
        device.token_set.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def _picture(address: str) -> SafeString:
    """What a phone reads, as SVG without style and script."""
    image = qrcode.make(address, image_factory=SvgPathImage, box_size=20, border=4)
    return mark_safe(str(image.to_string(encoding="unicode")))
