"""Addresses of retention: periods, what is due, orders to destroy."""

from django.urls import path

from cases.views import retention

urlpatterns = [
    path("retention/", retention.periods, name="retention"),
    path("retention/set/<str:record_class>/", retention.policy_new, name="retention-set"),
    path("retention/due/<uuid:policy_uid>/", retention.due, name="retention-due"),
    path("retention/orders/<uuid:order_uid>/", retention.order, name="retention-order"),
    path("retention/orders/<uuid:order_uid>/approve/", retention.approve, name="retention-approve"),
    path("retention/orders/<uuid:order_uid>/stop/", retention.stop, name="retention-stop"),
    path("retention/orders/<uuid:order_uid>/certificate/", retention.certificate, name="retention-certificate"),
]
