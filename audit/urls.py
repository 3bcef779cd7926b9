"""Addresses of the auditor's workspace, under ``/audit/``. They carry pseudonyms, never a
case number or the uid of a case or person; the random id of an event leads to nobody."""

from django.urls import path, register_converter

from .pseudonyms import CaseCode, PersonCode
from .views import cases, events, files, filters, home, people, proofs

register_converter(CaseCode, "case_code")
register_converter(PersonCode, "person_code")

urlpatterns = [
    path("", home.home, name="auditor-home"),
    path("verify/", home.verify, name="audit-verify"),
    path("cases/", cases.cases, name="audit-cases"),
    path("cases/<case_code:code>/", cases.case, name="audit-case"),
    path("people/", people.people, name="audit-people"),
    path("people/<person_code:code>/", people.person, name="audit-person"),
    path("files/", files.files, name="audit-files"),
    path("denials/", events.denials, name="audit-denials"),
    path("changes/", events.changes, name="audit-changes"),
    path("events/", events.events, name="audit-events"),
    path("events/keep/", filters.keep_filter, name="audit-filter-keep"),
    path("events/kept/<uuid:uid>/drop/", filters.drop_filter, name="audit-filter-drop"),
    path("events/<uuid:uid>/proof/", proofs.proof, name="audit-proof"),
    path("heads/", proofs.heads, name="audit-heads"),
]
