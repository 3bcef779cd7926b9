"""Addresses of what a case holds about her: survivor, safety, documents, history."""

from django.urls import path

from cases.views import documents

urlpatterns = [
    path("cases/<uuid:uid>/documents/", documents.documents, name="case-documents"),
    path("cases/<uuid:uid>/documents/<uuid:document_uid>/", documents.download, name="case-document"),
    path("cases/<uuid:uid>/documents/<uuid:document_uid>/withdraw/", documents.withdraw, name="case-document-withdraw"),
    path("matters/<uuid:uid>/documents/<uuid:document_uid>/", documents.download_of_matter, name="matter-document"),
]
