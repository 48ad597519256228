"""Addresses of the whole site: French without a prefix, English under /en/, the admin in both."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

urlpatterns = i18n_patterns(
    path("admin/", admin.site.urls),
    path("", include("careers.urls")),
    prefix_default_language=False,
)
