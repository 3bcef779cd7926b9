"""Verbs that the making of the demo does not record, and the test in which each is: demanded when it runs."""

# ruff: noqa: E501  names of tests

RECORDED_BY = {
    "CALENDAR_FEED_ENDED": "tests/cases/test_calendar_feed.py::test_it_ends_when_she_ends_it_and_when_a_new_one_is_made",
    "CALENDAR_FETCHED": "tests/cases/test_calendar_feed.py::test_a_fetch_leaves_one_event_a_day_for_each_client",
    "CORRECTION_ASKED": "tests/cases/test_correcting.py::test_a_closed_case_is_corrected_too",
    "DECLARATION_ENDED": "tests/cases/test_declarations.py::test_a_declaration_that_was_taken_back_meanwhile_places_nothing",
    "DEGRADED_MODE_ENDED": "tests/accounts/test_house.py::test_in_it_an_administrator_may_work_on_cases_but_an_auditor_never_and_the_outsider_is_the_second",
    "DETAIL_ERASED": "tests/audit/test_record.py::RecordTests::test_a_detail_is_erased_by_its_named_path_only_and_the_chain_stays_whole",
    "EMAIL_CHANGE_ASKED": "tests/accounts/test_resting.py::test_a_new_address_is_told_to_the_old_and_the_new_one",
    "EMAIL_CHANGE_CONFIRMED": "tests/accounts/test_resting.py::test_a_new_address_is_told_to_the_old_and_the_new_one",
    "ERASURE_CONFIRMED": "tests/cases/test_erasing.py::test_a_case_from_an_old_backup_learns_from_the_tombstones",
    "IMPORT_DISCARDED": "tests/cases/test_import_actions.py::test_nothing_of_a_discarded_row_stays",
    "IMPORT_PREVIEWED": "tests/cases/test_declarations.py::test_a_row_of_a_case_sheet_is_compared_too[amina]",
    "IMPORT_ROW_CORRECTED": "tests/cases/test_import_actions.py::test_a_bad_row_is_corrected_in_place_and_then_taken",
    "INCIDENT_CLOSED": "tests/cases/test_organisations.py::test_by_their_pages",
    "LEAVE_BEGAN": "tests/cases/test_people_change.py::test_leave_rests_and_coming_back_gives_back_what_nobody_took",
    "LEAVE_ENDED": "tests/cases/test_people_change.py::test_leave_rests_and_coming_back_gives_back_what_nobody_took",
    "LEGAL_PROCESS_FOLLOWED": "tests/cases/test_duties.py::test_counsel_is_told_once_and_the_answer_stops_the_clock",
    "LIMITS_TOLD": "tests/cases/test_duties.py::test_what_must_be_reported_is_said_before_and_stands_in_the_log",
    "MEMBERSHIP_DECLINED": "tests/accounts/test_people.py::test_a_declined_or_ended_membership_gives_nothing_and_is_answered_once",
    "OFFICE_LOCKED": "tests/accounts/test_house.py::test_in_it_the_outsider_is_the_second_who_opens_the_office",
    "ORGANISATION_CHANGED": "tests/cases/test_organisations.py::test_by_their_pages",
    "ORGANISATION_RESTORED": "tests/cases/test_organisations.py::test_by_their_pages",
    "PERSON_MOVED": "tests/cases/test_people_change.py::test_moving_ends_the_old_teams_cases",
    "REMINDER_SENT": "tests/cases/test_reminders.py::test_one_letter_without_a_word_of_content",
    "RESTORE_GAP": "tests/audit/anchoring/test_gaps.py::test_a_restore_tells_what_it_lost",
    "RETENTION_APPROVED": "tests/cases/test_retention.py::test_content_goes_by_the_desk_of_erasures_and_the_certificate_names_its_order",
    "RETENTION_ASKED": "tests/cases/test_retention.py::test_content_goes_by_the_desk_of_erasures_and_the_certificate_names_its_order",
    "SAMPLE_DRAWN": "tests/reports/test_samples.py::test_two_steps",
    "SAMPLE_LOOKED_AT": "tests/reports/test_samples.py::test_two_steps",
    "SAMPLE_SHOWN": "tests/reports/test_samples.py::test_two_steps",
    "SAMPLE_WITHDRAWN": "tests/reports/test_samples.py::test_left_out_and_thrown_away_are_counted",
    "SUBJECT_REQUEST_FOLLOWED": "tests/cases/test_subject_requests.py::test_what_she_sees_is_redacted_and_ends_in_her_hands",
    "TEAM_CHANGED": "tests/accounts/test_pages.py::test_a_team_with_members_is_not_closed",
    "TRAVEL_BEGAN": "tests/accounts/test_resting.py::test_a_person_who_is_locked_while_travelling_needs_both_ended",
    "USER_CHANGED": "tests/accounts/test_resting.py::test_declined_changes_nothing_and_nobody_asks_for_herself",
    "USER_UNLOCKED": "tests/accounts/test_resting.py::test_a_person_who_is_locked_while_travelling_needs_both_ended",
}

#: Recorded where no test of the house's own process looks, each with its place.
BY_REAL_PROCESSES = {
    "MIGRATION_RUN": "each home that tests of operations and journeys prepare, by manage.py prepare",
    "SYSTEM_STARTED": "each server that they start, by manage.py serve",
    "FILING_CHANGED": "nobody may bring a former filing back as yet: the right to her own file is not asked by its matter",
}
