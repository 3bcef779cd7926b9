"""Addresses of aftercare, reintegration and the house."""

from django.urls import path

from services.views import aftercare, reintegration

urlpatterns = [
    path("house/", aftercare.house, name="house"),
    path("cases/<uuid:uid>/aftercare/", aftercare.aftercare_tab, name="case-aftercare"),
    path("cases/<uuid:uid>/aftercare/service/", aftercare.service_new, name="service-new"),
    path("cases/<uuid:uid>/aftercare/stay/", aftercare.stay_new, name="stay-new"),
    path("cases/<uuid:uid>/aftercare/stay/<uuid:stay_uid>/end/", aftercare.stay_end, name="stay-end"),
    path("cases/<uuid:uid>/reintegration/", reintegration.reintegration_tab, name="case-reintegration"),
    path("cases/<uuid:uid>/reintegration/goal/", reintegration.goal_new, name="goal-new"),
    path("cases/<uuid:uid>/reintegration/goal/<uuid:goal_uid>/", reintegration.goal_progress, name="goal-progress"),
    path("cases/<uuid:uid>/reintegration/follow-ups/", reintegration.follow_ups_plan, name="follow-ups-plan"),
    path(
        "cases/<uuid:uid>/reintegration/follow-ups/<uuid:follow_up_uid>/",
        reintegration.follow_up_done,
        name="follow-up-done",
    ),
]
