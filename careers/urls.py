from django.urls import path
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from careers import api, views
from careers.feeds import CareerFeed
from careers.shared_pages import shared

app_name = "careers"
urlpatterns = [
    path("", views.home, name="home"),
    path(_("careers/"), views.career_list, name="career_list"),
    # Below the list, in either language; no slug holds a dot.
    path(format_lazy("{}export.csv", _("careers/")), views.export_csv, name="export_csv"),
    path(format_lazy("{}export.json", _("careers/")), views.export_json, name="export_json"),
    path(format_lazy("{}atom.xml", _("careers/")), shared(CareerFeed()), name="career_feed"),
    # The version is that of the picture: another picture, another address.
    path(
        format_lazy("{}<slug:version>.png", _("careers/")), views.site_picture, name="site_picture"
    ),
    path(
        format_lazy("{}<slug:slug>/<slug:version>.png", _("careers/")),
        views.career_picture,
        name="career_picture",
    ),
    path(_("compare/"), views.compare, name="compare"),
    path(_("careers/<slug:slug>/"), views.career_detail, name="career_detail"),
    path(_("careers/<slug:slug>/embed/"), views.career_embed, name="career_embed"),
    path(
        _("careers/<slug:slug>/figures/<int:pk>/"),
        views.figure_detail,
        name="figure_detail",
    ),
    path(
        _("careers/<slug:slug>/figures/<int:pk>.json"),
        views.figure_json,
        name="figure_json",
    ),
    path(
        _("careers/<slug:slug>/figures/<int:pk>/report/"),
        views.figure_report,
        name="figure_report",
    ),
    path(
        _("careers/<slug:slug>/figures/<int:pk>/report/thanks/"),
        views.report_thanks,
        name="report_thanks",
    ),
    path(_("fields/"), views.field_list, name="field_list"),
    path(_("fields/<slug:slug>/"), views.field_detail, name="field_detail"),
    path(_("sources/"), views.source_list, name="source_list"),
    path(_("sources/<slug:slug>/"), views.source_detail, name="source_detail"),
    path(_("regions/"), views.region_list, name="region_list"),
    path(_("regions/<str:code>/"), views.region_detail, name="region_detail"),
    path(_("method/"), views.method, name="method"),
    path("api/", api.api_guide, name="api_guide"),
    path(_("data/"), views.data, name="data"),
]

# At careers.addresses.API, the same in every language.
api_urlpatterns = [path(each.route, each.view, name=each.name) for each in api.ALL]
