"""The editors' side: one file for each model; `exports` and `transfers` for the
spreadsheets."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from careers.admin import career, exchange_rate, region, salary_band, source

__all__ = ["career", "exchange_rate", "region", "salary_band", "source"]

admin.site.site_header = _("Careers, plainly: the desk")
admin.site.site_title = _("The desk")
admin.site.index_title = _("What the site keeps")
# Five models fit on the home page: the room is for the columns of the lists.
admin.site.enable_nav_sidebar = False
