from django.urls import path
from django.utils.translation import gettext_lazy as _

from careers import views

app_name = "careers"
urlpatterns = [
    path("", views.home, name="home"),
    path(_("careers/"), views.career_list, name="career_list"),
    path(_("careers/<slug:slug>/"), views.career_detail, name="career_detail"),
]
