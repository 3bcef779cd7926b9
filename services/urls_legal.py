"""Addresses of legal work."""

from django.urls import path

from services.views import attorney_home, legal, own_file, papers, why

urlpatterns = [
    path("matters/", attorney_home.attorney_home, name="attorney-home"),
    path("cases/<uuid:uid>/legal/", legal.legal_tab, name="case-legal"),
    path("cases/<uuid:uid>/legal/new/", legal.matter_new, name="matter-new"),
    path("matters/<uuid:uid>/", legal.matter_page, name="matter"),
    path("matters/<uuid:uid>/numbers/", legal.matter_numbers, name="matter-numbers"),
    path("matters/<uuid:uid>/why/", why.matter_why, name="matter-why"),
    path("matters/<uuid:uid>/file/", own_file.matter_file, name="matter-file"),
    path("matters/<uuid:uid>/stage/", legal.matter_stage, name="matter-stage"),
    path("matters/<uuid:uid>/close/", legal.matter_close, name="matter-close"),
    path("matters/<uuid:uid>/hearings/new/", legal.hearing_new, name="hearing-new"),
    path("matters/<uuid:uid>/hearings/<uuid:hearing_uid>/done/", legal.hearing_done, name="hearing-done"),
    path("matters/<uuid:uid>/deadlines/new/", legal.deadline_new, name="deadline-new"),
    path("matters/<uuid:uid>/deadlines/<uuid:deadline_uid>/met/", legal.deadline_met, name="deadline-met"),
    path("matters/<uuid:uid>/deadlines/<uuid:deadline_uid>/confirm/", legal.deadline_confirm, name="deadline-confirm"),
    path("matters/<uuid:uid>/filings/new/", legal.filing_new, name="filing-new"),
    path("matters/<uuid:uid>/documents/new/", papers.paper_new, name="paper-new"),
    path("matters/<uuid:uid>/documents/<uuid:document_uid>/page/", papers.paper, name="matter-document-page"),
    path(
        "matters/<uuid:uid>/documents/<uuid:document_uid>/verify/", papers.paper_verify, name="matter-document-verify"
    ),
    path(
        "matters/<uuid:uid>/documents/<uuid:document_uid>/withdraw/",
        papers.paper_withdraw,
        name="matter-document-withdraw",
    ),
    path(
        "matters/<uuid:uid>/documents/<uuid:document_uid>/quarantine/",
        papers.paper_quarantine,
        name="matter-document-quarantine",
    ),
    path(
        "matters/<uuid:uid>/documents/<uuid:document_uid>/version/",
        papers.paper_version,
        name="matter-document-version",
    ),
    path(
        "matters/<uuid:uid>/documents/<uuid:document_uid>/expiry/", papers.paper_expiry, name="matter-document-expiry"
    ),
    path("matters/<uuid:uid>/notes/new/", legal.file_note_new, name="file-note-new"),
    path("matters/<uuid:uid>/notes/<uuid:note_uid>/amend/", legal.file_note_amend, name="file-note-amend"),
]
