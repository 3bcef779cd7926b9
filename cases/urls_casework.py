"""Addresses of the daily work: homes, lists, intake, the case page's first tab, notes, tasks, drafts."""

from django.urls import path

from cases.views import conferences, drafts, home, intake, listing, note_desk, notes, overview, search, stages, tasks, week

urlpatterns = [
    path("day/", home.day, name="day"),
    path("team/", home.team, name="team"),
    path("week/", week.my_week, name="week"),
    path("week/team/", week.team_week, name="team-week"),
    path("notices/seen/", home.notices_seen, name="notices-seen"),
    path("notes/new/", note_desk.note_where, name="note-where"),
    path("notes/waiting/", note_desk.notes_waiting, name="notes-waiting"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("drafts/<slug:kind>/<uuid:about>/", drafts.draft, name="draft"),
    path("drafts/<slug:kind>/<uuid:about>/discard/", drafts.discard, name="draft-discard"),
    path("intake/", intake.search_first, name="intake"),
    path("intake/<uuid:draft_uid>/", intake.intake, name="intake-form"),
    path("cases/", listing.cases, name="cases"),
    path("cases/names/", listing.names, name="case-names"),
    path("cases/views/", listing.view_save, name="case-view-save"),
    path("cases/views/<uuid:view_uid>/discard/", listing.view_discard, name="case-view-discard"),
    path("cases/search/", search.search, name="case-search"),
    path("cases/search/<uuid:search_uid>/", search.result, name="case-search-result"),
    path("cases/<uuid:uid>/", overview.overview, name="case-overview"),
    path("cases/<uuid:uid>/name/", overview.name, name="case-name"),
    path("cases/<uuid:uid>/stage/", stages.stage, name="case-stage"),
    path("cases/<uuid:uid>/close/", stages.close, name="case-close"),
    path("cases/<uuid:uid>/exit-summary/", stages.exit_summary, name="case-exit-summary"),
    path("cases/<uuid:uid>/reopen/", stages.reopen, name="case-reopen"),
    path("cases/<uuid:uid>/notes/add/", notes.note_add, name="case-note-add"),
    path("cases/<uuid:uid>/notes/conference/", conferences.conference_add, name="case-conference-add"),
    path("cases/<uuid:uid>/notes/<uuid:note_uid>/", notes.note, name="case-note"),
    path("cases/<uuid:uid>/notes/<uuid:note_uid>/edit/", notes.note_edit, name="case-note-edit"),
    path("cases/<uuid:uid>/notes/<uuid:note_uid>/amend/", notes.note_amend, name="case-note-amend"),
    path("cases/<uuid:uid>/notes/<uuid:note_uid>/ask/", notes.note_call, name="case-note-call"),
    path("cases/<uuid:uid>/tasks/", tasks.case_tasks, name="case-tasks"),
    path("cases/<uuid:uid>/tasks/<uuid:task_uid>/", tasks.task_edit, name="case-task"),
    path("cases/<uuid:uid>/tasks/<uuid:task_uid>/done/", tasks.task_done, name="case-task-done"),
    path("cases/<uuid:uid>/tasks/<uuid:task_uid>/reopen/", tasks.task_reopen, name="case-task-reopen"),
]
