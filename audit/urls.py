"""Addresses of the auditor's workspace, under ``/audit/``. They carry pseudonyms, never a uid or a case number."""

from django.urls import path, register_converter

from .pseudonyms import CaseCode, PersonCode
from .views import cases, events, files, filters, home, people

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
]
