"""Addresses of other people on a case: the accused and their proceedings, pairs with a survivor, contacts outside."""

from django.urls import path

from cases.views import contacts, named, other_people, proceedings

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
    path("cases/<uuid:uid>/contacts/", contacts.contacts, name="case-contacts"),
    path("cases/<uuid:uid>/contacts/new/", contacts.contact_new, name="case-contact-new"),
    path("cases/<uuid:uid>/contacts/<uuid:case_contact_uid>/", contacts.contact_change, name="case-contact-change"),
    path("cases/<uuid:uid>/contacts/<uuid:case_contact_uid>/end/", contacts.contact_end, name="case-contact-end"),
    path("matches/named/<uuid:named_match_uid>/", named.named_match, name="named-match"),
]
