"""Addresses of the admin as Django gives it for the same models: the reference of test_tasks.py."""

from django.contrib import admin
from django.db import models
from django.http import HttpResponse
from django.urls import path

from careers.models import Career, Field, Region, SalaryBand, Source


class SalaryBandInline(admin.StackedInline):
    model = SalaryBand


class CareerAdmin(admin.ModelAdmin):
    inlines = [SalaryBandInline]
    # Without it Django 5.2 warns, and warnings are errors here.
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


site = admin.AdminSite()
site.register(Career, CareerAdmin)
site.register([Field, Region, SalaryBand, Source])

urlpatterns = [
    path("admin/", site.urls),
    # Chromium asks for it where a page names no icon, and would report that there is none.
    path("favicon.ico", lambda request: HttpResponse(status=204)),
]
