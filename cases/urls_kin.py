"""Addresses of her family, of the people who stand by her, of a picture of her face, and of dates by age."""

from django.urls import path

from cases.views import ages, kin, portrait, survivor

_FAMILY, _PEOPLE = "cases/<uuid:uid>/survivor/family/", "cases/<uuid:uid>/survivor/people/"

urlpatterns = [
    path("ages/", ages.age_dates, name="age-dates"),
    path(_FAMILY, kin.family, name="case-family"),
    path(f"{_FAMILY}new/", kin.member_new, name="case-family-new"),
    path(f"{_FAMILY}<uuid:family_member_uid>/", kin.member, name="case-family-member"),
    path(f"{_FAMILY}<uuid:family_member_uid>/end/", kin.member_end, name="case-family-end"),
    path(f"{_PEOPLE}new/", kin.supporter_new, name="case-support-new"),
    path(f"{_PEOPLE}<uuid:support_contact_uid>/", kin.supporter, name="case-support"),
    path(f"{_PEOPLE}<uuid:support_contact_uid>/reach/", kin.supporter_reach, name="case-support-reach"),
    path(f"{_PEOPLE}<uuid:support_contact_uid>/end/", kin.supporter_end, name="case-support-end"),
    path("cases/<uuid:uid>/survivor/photo/", portrait.photo, name="case-photo"),
    path("cases/<uuid:uid>/survivor/photo/show/", survivor.photo, name="case-photo-show"),
    path("cases/<uuid:uid>/survivor/photo/<uuid:portrait_uid>/", portrait.picture, name="case-photo-picture"),
]
