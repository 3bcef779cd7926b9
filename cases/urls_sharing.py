"""Addresses of the Sharing tab."""

from django.urls import path

from cases.views import sharing, transfers

urlpatterns = [
    path("cases/<uuid:uid>/sharing/", sharing.sharing, name="case-sharing"),
    path("cases/<uuid:uid>/sharing/access/", sharing.access_new, name="access-new"),
    path("cases/<uuid:uid>/sharing/access/<uuid:grant_uid>/revoke/", sharing.access_revoke, name="access-revoke"),
    path("cases/<uuid:uid>/sharing/transferred/", transfers.after_transfer, name="case-transferred"),
]
