"""Addresses of the gallery: controls and evidence."""

from django.urls import path

from casemgmt.reports.views import emergency, reviews

urlpatterns = [
    path("emergency-access/", emergency.emergency_openings, name="emergency-evidence"),
    path("access-reviews/", reviews.evidence, name="access-evidence"),
    path("access-reviews/<uuid:review_uid>/", reviews.evidence_of_review, name="access-evidence-review"),
    path("access-reviews/<uuid:review_uid>/evidence.csv", reviews.evidence_file, name="access-evidence-file"),
]
