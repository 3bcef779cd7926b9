"""Addresses of the case room. Each family of pages has a module of its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("cases.urls_casework")),
    path("", include("cases.urls_callers")),
    path("", include("cases.urls_sharing")),
    path("", include("cases.urls_releases")),
    path("", include("cases.urls_record")),
    path("", include("cases.urls_kin")),
    path("", include("cases.urls_others")),
    path("", include("cases.urls_guarding")),
    path("", include("cases.urls_exchange")),
    path("", include("cases.urls_erasure")),
    path("", include("cases.urls_retention")),
    path("", include("cases.urls_reviews")),
    path("", include("cases.urls_walls")),
    path("", include("cases.urls_people")),
    path("", include("cases.urls_calendar")),
    path("", include("cases.urls_configuration")),
]
