"""Addresses of what waits for a decision, of emergency access, standing in, the rota, appointments and partners."""

from django.urls import path

from cases.views import away, bookings, corrections, decisions, emergency, house_desk, partners, rota

urlpatterns = [
    path("desk/", house_desk.house_desk, name="desk"),
    path("decisions/", decisions.decisions, name="decisions"),
    path("decisions/access/<uuid:grant_uid>/", decisions.access_decide, name="access-decide"),
    path("decisions/corrections/<uuid:correction_uid>/", corrections.decide, name="correction-decide"),
    path("emergency/", emergency.emergency, name="emergency"),
    path("emergency/openings/", emergency.openings, name="emergency-openings"),
    path("emergency/<uuid:opened_uid>/", emergency.emergency_review, name="emergency-review"),
    path("away/", away.away, name="away"),
    path("away/<uuid:person_uid>/take-back/", away.away_take_back, name="away-take-back"),
    path("rota/", rota.rota, name="rota"),
    path("rota/<uuid:team_uid>/add/", rota.shift_new, name="shift-new"),
    path("rota/shifts/<uuid:shift_uid>/end/", rota.shift_end, name="shift-end"),
    path("bookings/", bookings.bookings, name="bookings"),
    path("cases/<uuid:uid>/call/", rota.call_duty, name="case-call"),
    path("cases/<uuid:uid>/appointments/", bookings.case_bookings, name="case-bookings"),
    path("cases/<uuid:uid>/appointments/add/", bookings.booking_new, name="booking-new"),
    path(
        "cases/<uuid:uid>/appointments/<uuid:booking_uid>/call-off/",
        bookings.booking_call_off,
        name="booking-call-off",
    ),
    path("cases/<uuid:uid>/sharing/partner/", partners.partner_access_new, name="partner-access-new"),
    path("cases/<uuid:uid>/sharing/access/<uuid:grant_uid>/attest/", partners.access_attest, name="access-attest"),
    path(
        "cases/<uuid:uid>/sharing/access/<uuid:grant_uid>/take-back/",
        partners.access_unpropose,
        name="access-unpropose",
    ),
]
