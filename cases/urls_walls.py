"""Addresses of walls, of the people one knows, and of "already known?"."""

from django.urls import path

from cases.views import asking, conflicts, declarations, walls

urlpatterns = [
    path("walls/", walls.all_walls, name="walls"),
    path("walls/new/", walls.wall_new, name="wall-new"),
    path("walls/<uuid:wall_uid>/lift/", walls.wall_lift, name="wall-lift"),
    path("conflicts/", conflicts.possible_conflicts, name="possible-conflicts"),
    path("conflicts/<uuid:conflict_uid>/", conflicts.possible_conflict, name="possible-conflict"),
    path("account/my-telephones/", declarations.my_telephones, name="my-telephones"),
    path("account/people-i-know/", declarations.people_i_know, name="people-i-know"),
    path("account/people-i-know/<uuid:uid>/end/", declarations.end, name="declaration-end"),
    path("known/", asking.known, name="known"),
    path("matches/asked/<uuid:uid>/", asking.answer, name="known-answer"),
    path("cases/<uuid:uid>/restrict/", walls.restrict, name="case-restrict"),
    path("cases/<uuid:uid>/requests/", asking.requests, name="case-requests"),
    path("cases/<uuid:uid>/requests/<uuid:request_uid>/", asking.request_answer, name="case-request"),
]
