"""Addresses of releases, disclosures, and what a court or a statute demands."""

from django.urls import path

from cases.views import (
    breaches,
    disclosures,
    disclosures_telling,
    duties,
    duties_following,
    producing,
    release_checks,
    releases,
    samples,
    subject_requests,
    totals,
)

urlpatterns = [
    path("cases/<uuid:uid>/sharing/release/", releases.release_new, name="release-new"),
    path("cases/<uuid:uid>/sharing/release/<uuid:release_uid>/", releases.release_page, name="release"),
    path("cases/<uuid:uid>/sharing/release/<uuid:release_uid>/renew/", releases.release_renew, name="release-renew"),
    path("cases/<uuid:uid>/sharing/release/<uuid:release_uid>/print/", releases.release_print, name="release-print"),
    path(
        "cases/<uuid:uid>/sharing/release/<uuid:release_uid>/withdraw/",
        releases.release_withdraw,
        name="release-withdraw",
    ),
    path(
        "cases/<uuid:uid>/sharing/release/<uuid:release_uid>/given/", disclosures.disclosure_new, name="disclosure-new"
    ),
    path("cases/<uuid:uid>/disclosures/", disclosures.of_case, name="case-disclosures"),
    path("cases/<uuid:uid>/disclosures/account/", disclosures.account, name="case-account"),
    path("cases/<uuid:uid>/disclosures/<uuid:disclosure_uid>/told/", disclosures.told, name="disclosure-told"),
    path("release-checks/", release_checks.release_checks, name="release-checks"),
    path("release-samples/", samples.samples, name="samples"),
    path("release-samples/<uuid:sample_uid>/", samples.sample, name="sample"),
    path("release-samples/<uuid:sample_uid>/sheets/<uuid:sheet_uid>/", samples.look_at, name="sample-look"),
    path("release-samples/<uuid:sample_uid>/show/", samples.show, name="sample-show"),
    path("release-samples/<uuid:sample_uid>/withdraw/", samples.withdraw, name="sample-withdraw"),
    path("duties/", duties.all_duties, name="duties"),
    path("duties/report/", duties.report_new, name="report-new"),
    path("duties/process/", duties.process_new, name="process-new"),
    path("duties/report/<uuid:report_uid>/given/", duties.given_by_report, name="report-given"),
    path("duties/process/<uuid:process_uid>/given/", duties.given_by_process, name="process-given"),
    path("duties/process/<uuid:process_uid>/", duties_following.process, name="process"),
    path("duties/process/<uuid:process_uid>/counsel/", duties_following.counsel_told, name="process-counsel"),
    path("duties/process/<uuid:process_uid>/answer/", duties_following.answer, name="process-answer"),
    path("duties/process/<uuid:process_uid>/withheld/", duties_following.withheld, name="process-withheld"),
    path("duties/process/<uuid:process_uid>/put-off/", duties_following.put_off, name="process-put-off"),
    path("duties/process/<uuid:process_uid>/may-tell/", duties_following.may_be_told, name="process-may-tell"),
    path("duties/process/<uuid:process_uid>/production/", producing.prepare, name="production-new"),
    path("duties/production/<uuid:production_uid>/", producing.production, name="production"),
    path("duties/production/<uuid:production_uid>/take/", producing.take, name="production-take"),
    path("duties/request/", subject_requests.request_new, name="subject-request-new"),
    path("duties/request/<uuid:subject_request_uid>/", subject_requests.subject_request, name="subject-request"),
    path(
        "duties/request/<uuid:subject_request_uid>/extend/",
        subject_requests.request_extend,
        name="subject-request-extend",
    ),
    path(
        "duties/request/<uuid:subject_request_uid>/decide/",
        subject_requests.request_decide,
        name="subject-request-decide",
    ),
    path(
        "duties/request/<uuid:subject_request_uid>/delivered/",
        subject_requests.request_delivered,
        name="subject-request-delivered",
    ),
    path("breaches/", breaches.breaches, name="breaches"),
    path("breaches/new/", breaches.breach_new, name="breach-new"),
    path("breaches/<uuid:breach_uid>/", breaches.breach, name="breach"),
    path("breaches/<uuid:breach_uid>/cases/", breaches.breach_case, name="breach-case"),
    path("breaches/<uuid:breach_uid>/close/", breaches.breach_close, name="breach-close"),
    path("breaches/<uuid:breach_uid>/note/<slug:step>/", breaches.breach_step, name="breach-step"),
    path(
        "cases/<uuid:uid>/disclosures/incident/<uuid:breach_case_uid>/told/", breaches.breach_told, name="breach-told"
    ),
    path("at-the-door/", duties_following.at_the_door, name="at-the-door"),
    path("cases/<uuid:uid>/disclosures/limits/", disclosures_telling.limits, name="limits"),
    path(
        "cases/<uuid:uid>/disclosures/process/<uuid:process_uid>/told/",
        disclosures_telling.process_told,
        name="process-told",
    ),
    path("given-out/", totals.given_out, name="given-out"),
    path("given-out/totals/", totals.totals_new, name="totals-new"),
]
