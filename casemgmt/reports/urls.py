"""Addresses of the gallery: controls, evidence, the review queue, copies of the ledger, and which case is meant."""

from django.urls import path

from casemgmt.reports.views import (
    addresses,
    controls,
    copies,
    emergency,
    identifying,
    queue,
    releases,
    reviews,
    samples,
)

urlpatterns = [
    path("controls/", controls.controls_page, name="controls"),
    path("disclosures/", controls.disclosures, name="disclosure-evidence"),
    path("releases/", releases.release_evidence, name="release-evidence"),
    path("release-samples/", samples.shown_samples, name="sample-evidence"),
    path("release-samples/<uuid:sample_uid>/", samples.shown_sample, name="sample-evidence-sheets"),
    path("release-samples/<uuid:sample_uid>/sheets.csv", samples.sample_file, name="sample-evidence-file"),
    path("client-address/", addresses.client_address, name="client-address"),
    path("to-look-at/", queue.hints, name="audit-queue"),
    path("to-look-at/<uuid:hint_uid>/", queue.hint, name="audit-hint"),
    path("ledger-copy/", copies.ledger_copy, name="ledger-copy"),
    path("which-case/", identifying.which_case, name="which-case"),
    path("which-case/<uuid:identification_uid>/decide/", identifying.which_case_decide, name="which-case-decide"),
    path("which-case/<uuid:identification_uid>/", identifying.which_case_show, name="which-case-show"),
    path("emergency-access/", emergency.emergency_openings, name="emergency-evidence"),
    path("access-reviews/", reviews.evidence, name="access-evidence"),
    path("access-reviews/<uuid:review_uid>/", reviews.evidence_of_review, name="access-evidence-review"),
    path("access-reviews/<uuid:review_uid>/evidence.csv", reviews.evidence_file, name="access-evidence-file"),
]
