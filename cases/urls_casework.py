"""Addresses of the daily work: lists, intake, the case page's first tab, notes, tasks, drafts, homes."""

from django.urls import path

from cases.views import listing, overview

urlpatterns = [
    path("cases/", listing.cases, name="cases"),
    path("cases/<uuid:uid>/", overview.overview, name="case-overview"),
    path("cases/<uuid:uid>/name/", overview.name, name="case-name"),
]
