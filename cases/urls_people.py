"""Addresses of people who come, go and rest, of organisations, and of cases that are handed over."""

from django.urls import path

from cases.views import people, people_handing, people_organisations

urlpatterns = [
    path("colleagues/", people.colleagues, name="colleagues"),
    path("colleagues/<uuid:uid>/", people.colleague, name="colleague"),
    path("colleagues/<uuid:uid>/account/", people.account, name="colleague-account"),
    path("colleagues/<uuid:uid>/<slug:deed>/", people.change, name="colleague-change"),
    path("changes/<uuid:uid>/", people.changed, name="people-changed"),
    path("hand-overs/", people_handing.hand_overs, name="hand-overs"),
    path("hand-overs/teams/<uuid:uid>/", people_handing.team, name="hand-over-team"),
    path("cases/<uuid:uid>/hand-over/", people_handing.case, name="case-hand-over"),
    path("organisations/", people_organisations.organisations, name="organisations"),
    path("organisations/<uuid:uid>/<slug:deed>/", people_organisations.act, name="organisation-act"),
    path("incidents/<uuid:uid>/close/", people_organisations.incident_close, name="incident-close"),
]
