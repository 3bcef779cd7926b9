"""Addresses of the workshops. Each family of pages has a module of its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("services.urls_legal")),
    path("", include("services.urls_aftercare")),
]
