"""Addresses of aftercare, reintegration and the house."""

from django.urls import path

from services.views import aftercare, needs, plan, reintegration

urlpatterns = [
    path("house/", aftercare.house, name="house"),
    path("cases/<uuid:uid>/aftercare/", aftercare.aftercare_tab, name="case-aftercare"),
    path("cases/<uuid:uid>/aftercare/service/", aftercare.service_new, name="service-new"),
    path("cases/<uuid:uid>/aftercare/stay/", aftercare.stay_new, name="stay-new"),
    path("cases/<uuid:uid>/aftercare/stay/<uuid:stay_uid>/end/", aftercare.stay_end, name="stay-end"),
    path("cases/<uuid:uid>/reintegration/", reintegration.reintegration_tab, name="case-reintegration"),
    path("cases/<uuid:uid>/reintegration/need/", needs.need_new, name="need-new"),
    path("cases/<uuid:uid>/reintegration/need/<uuid:need_uid>/", needs.need_change, name="need-change"),
    path("cases/<uuid:uid>/reintegration/need/<uuid:need_uid>/settle/", needs.need_settle, name="need-settle"),
    path("cases/<uuid:uid>/reintegration/goal/", reintegration.goal_new, name="goal-new"),
    path("cases/<uuid:uid>/reintegration/goal/<uuid:goal_uid>/", reintegration.goal_progress, name="goal-progress"),
    path("cases/<uuid:uid>/reintegration/goal/<uuid:goal_uid>/step/", reintegration.goal_step, name="goal-step"),
    path("cases/<uuid:uid>/reintegration/goal/<uuid:goal_uid>/plan/", plan.goal_plan, name="goal-plan"),
    path("cases/<uuid:uid>/reintegration/plan/", plan.plan_new, name="plan-new"),
    path("cases/<uuid:uid>/reintegration/plan/<uuid:service_plan_uid>/", plan.plan, name="plan"),
    path("cases/<uuid:uid>/reintegration/plan/<uuid:service_plan_uid>/decide/", plan.plan_decide, name="plan-decide"),
    path("cases/<uuid:uid>/reintegration/follow-ups/", reintegration.follow_ups_plan, name="follow-ups-plan"),
    path(
        "cases/<uuid:uid>/reintegration/follow-ups/<uuid:follow_up_uid>/",
        reintegration.follow_up_done,
        name="follow-up-done",
    ),
]
