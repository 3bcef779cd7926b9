"""Addresses of what a case holds about her: survivor, safety, documents, history."""

from django.urls import path

from cases.views import (
    contacting,
    corrections,
    document_files,
    documents,
    history,
    linking,
    minority,
    record_history,
    safety,
    safety_alerts,
    safety_plan,
    safety_risk,
    signs,
    speech,
    survivor,
    survivor_editing,
    talk,
)

urlpatterns = [
    path("cases/<uuid:uid>/survivor/", survivor.survivor, name="case-survivor"),
    path("cases/<uuid:uid>/survivor/numbers/", survivor.numbers, name="case-numbers"),
    path("cases/<uuid:uid>/survivor/identity/", survivor_editing.identity, name="case-identity"),
    path("cases/<uuid:uid>/survivor/names/", speech.names, name="case-names"),
    path("cases/<uuid:uid>/survivor/languages/", speech.languages, name="case-languages"),
    path("cases/<uuid:uid>/survivor/minor/", minority.minority, name="case-minority"),
    path("cases/<uuid:uid>/survivor/contact/", survivor_editing.contact, name="case-contact-details"),
    path("cases/<uuid:uid>/survivor/location/", survivor_editing.location, name="case-location"),
    path("cases/<uuid:uid>/survivor/protection/", survivor_editing.protection, name="case-protection"),
    path("cases/<uuid:uid>/survivor/statement/", survivor_editing.statement, name="case-statement"),
    path("cases/<uuid:uid>/survivor/consent/", survivor_editing.consent, name="case-consent"),
    path("cases/<uuid:uid>/survivor/consent/print/", survivor.consent_print, name="case-consent-print"),
    path("cases/<uuid:uid>/survivor/profile/status/", signs.status, name="case-status"),
    path("cases/<uuid:uid>/survivor/signs/", signs.signs, name="case-signs"),
    path("cases/<uuid:uid>/survivor/signs/<slug:part>/", signs.part, name="case-signs-part"),
    path("cases/<uuid:uid>/survivor/talk/", talk.talk, name="case-talk"),
    path("cases/<uuid:uid>/survivor/talk/<slug:part>/", talk.step, name="case-talk-step"),
    path("cases/<uuid:uid>/survivor/profile/<slug:part>/", survivor_editing.profile, name="case-profile"),
    path("cases/<uuid:uid>/links/", linking.links, name="case-links"),
    path("cases/<uuid:uid>/links/<uuid:case_link_uid>/end/", linking.link_end, name="case-link-end"),
    path("cases/<uuid:uid>/safety/", safety.safety, name="case-safety"),
    path("cases/<uuid:uid>/safety/contact/", safety.contact, name="case-contact"),
    path("cases/<uuid:uid>/safety/reach/", contacting.reach, name="case-reach"),
    path("cases/<uuid:uid>/safety/reach/<uuid:contact_attempt_uid>/", contacting.attempt, name="case-contact-attempt"),
    path("cases/<uuid:uid>/safety/alerts/", safety.alerts, name="case-alerts"),
    path("cases/<uuid:uid>/safety/risk/", safety_risk.risk, name="case-risk"),
    path("cases/<uuid:uid>/safety/risk/<slug:part>/", safety_risk.items, name="case-risk-items"),
    path("cases/<uuid:uid>/safety/alerts/new/", safety_alerts.alert_new, name="case-alert-new"),
    path(
        "cases/<uuid:uid>/safety/alerts/<uuid:case_alert_uid>/seen/", safety_alerts.alert_seen, name="case-alert-seen"
    ),
    path(
        "cases/<uuid:uid>/safety/alerts/<uuid:case_alert_uid>/keep/", safety_alerts.alert_keep, name="case-alert-keep"
    ),
    path("cases/<uuid:uid>/safety/alerts/<uuid:case_alert_uid>/end/", safety_alerts.alert_end, name="case-alert-end"),
    path("cases/<uuid:uid>/safety/incidents/new/", safety_alerts.incident_new, name="case-incident-new"),
    path("cases/<uuid:uid>/safety/calls/<uuid:safety_call_uid>/take/", safety_risk.take, name="case-safety-call-take"),
    path("cases/<uuid:uid>/safety/plan/", safety_plan.plan, name="case-safety-plan"),
    path("cases/<uuid:uid>/safety/plan/print/", safety_plan.print_plan, name="case-safety-plan-print"),
    path("cases/<uuid:uid>/safety/plan/<slug:phase>/", safety_plan.plan, name="case-safety-plan-phase"),
    path("cases/<uuid:uid>/safety/review/", safety.review, name="case-safety-review"),
    path("cases/<uuid:uid>/documents/", documents.documents, name="case-documents"),
    path("cases/<uuid:uid>/documents/<uuid:document_uid>/", document_files.download, name="case-document"),
    path("cases/<uuid:uid>/documents/<uuid:document_uid>/page/", documents.document_page, name="case-document-page"),
    path("cases/<uuid:uid>/documents/<uuid:document_uid>/play/", document_files.play, name="case-document-play"),
    path(
        "cases/<uuid:uid>/documents/<uuid:document_uid>/preview/", document_files.preview, name="case-document-preview"
    ),
    path("cases/<uuid:uid>/documents/<uuid:document_uid>/verify/", documents.verify, name="case-document-verify"),
    path("cases/<uuid:uid>/documents/<uuid:document_uid>/withdraw/", documents.withdraw, name="case-document-withdraw"),
    path(
        "cases/<uuid:uid>/documents/<uuid:document_uid>/quarantine/",
        documents.quarantine,
        name="case-document-quarantine",
    ),
    path("cases/<uuid:uid>/documents/<uuid:document_uid>/version/", documents.version, name="case-document-version"),
    path("cases/<uuid:uid>/documents/<uuid:document_uid>/expiry/", documents.expiry, name="case-document-expiry"),
    path("cases/<uuid:uid>/history/", history.history, name="case-history"),
    path("cases/<uuid:uid>/history/<uuid:event_uid>/", history.event, name="case-history-event"),
    path("cases/<uuid:uid>/versions/<uuid:record_uid>/", record_history.record, name="case-record-versions"),
    path("cases/<uuid:uid>/versions/<uuid:record_uid>/restore/", record_history.restore, name="case-version-restore"),
    path("cases/<uuid:uid>/versions/<uuid:record_uid>/wrong/", corrections.ask, name="case-version-correct"),
    path(
        "matters/<uuid:uid>/documents/<uuid:document_uid>/", document_files.download_of_matter, name="matter-document"
    ),
    path(
        "matters/<uuid:uid>/documents/<uuid:document_uid>/play/",
        document_files.play_of_matter,
        name="matter-document-play",
    ),
    path(
        "matters/<uuid:uid>/documents/<uuid:document_uid>/preview/",
        document_files.preview_of_matter,
        name="matter-document-preview",
    ),
]
