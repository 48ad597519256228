"""Addresses of the whole site: French without a prefix, English under /en/, the admin in both;
robots.txt, security.txt, the sitemap, the API and the files of the open data at the root."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.sitemaps import views as sitemap_views
from django.urls import include, path

from careers.addresses import API
from careers.shared_pages import shared
from careers.sitemaps import SITEMAPS, robots, sitemap_index
from careers.urls import api_urlpatterns
from careers.views import data_file, oembed
from careersite.contact import security_txt

handler404 = "careers.views.not_found"
handler500 = "careersite.failures.failed"

urlpatterns = [
    # Where crawlers look for them, whatever the language.
    path("robots.txt", shared(robots), name="robots"),
    path("sitemap.xml", shared(sitemap_index), name="sitemap"),
    path(
        "sitemap-<slug:section>.xml",
        shared(sitemap_views.sitemap),
        {"sitemaps": SITEMAPS},
        name="sitemap_section",
    ),
    path(".well-known/security.txt", security_txt, name="security_txt"),
    # Programs name the language in a header or a parameter.
    path(API.removeprefix("/"), include((api_urlpatterns, "api"))),
    # One address for one file, whatever the language.
    path("data/<str:name>", data_file, name="data_file"),
    path("oembed/", oembed, name="oembed"),
    *i18n_patterns(
        path("admin/", admin.site.urls),
        path("", include("careers.urls")),
        prefix_default_language=False,
    ),
]
