"""Addresses of other people on a case, and of the pairs in which one of them may be a survivor."""

from django.urls import path

from cases.views import named, other_people

urlpatterns = [
    path("cases/<uuid:uid>/others/", other_people.others, name="case-others"),
    path("cases/<uuid:uid>/others/new/", other_people.other_new, name="case-other-new"),
    path("cases/<uuid:uid>/others/<uuid:other_person_uid>/", other_people.other_change, name="case-other-change"),
    path("cases/<uuid:uid>/others/<uuid:other_person_uid>/end/", other_people.other_end, name="case-other-end"),
    path("matches/named/<uuid:named_match_uid>/", named.named_match, name="named-match"),
]
