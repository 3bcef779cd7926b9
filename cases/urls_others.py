"""Addresses of other people on a case, of proceedings against them, and of the pairs in which one of them may be a survivor."""

from django.urls import path

from cases.views import named, other_people, proceedings

urlpatterns = [
    path("cases/<uuid:uid>/others/", other_people.others, name="case-others"),
    path("cases/<uuid:uid>/others/new/", other_people.other_new, name="case-other-new"),
    path("cases/<uuid:uid>/others/<uuid:other_person_uid>/", other_people.other_change, name="case-other-change"),
    path("cases/<uuid:uid>/others/<uuid:other_person_uid>/end/", other_people.other_end, name="case-other-end"),
    path("cases/<uuid:uid>/proceedings/", proceedings.proceedings, name="case-proceedings"),
    path("cases/<uuid:uid>/proceedings/new/", proceedings.proceeding_new, name="case-proceeding-new"),
    path(
        "cases/<uuid:uid>/proceedings/<uuid:case_proceeding_uid>/",
        proceedings.proceeding_change,
        name="case-proceeding-change",
    ),
    path(
        "cases/<uuid:uid>/proceedings/<uuid:case_proceeding_uid>/leave/",
        proceedings.proceeding_leave,
        name="case-proceeding-leave",
    ),
    path("matches/named/<uuid:named_match_uid>/", named.named_match, name="named-match"),
]
