"""Addresses of the desk of holds and erasures."""

from django.urls import path

from cases.views import erasure, holds

urlpatterns = [
    path("erasure/", erasure.orders, name="erasure"),
    path("erasure/ask/", erasure.ask, name="erasure-ask"),
    path("erasure/<uuid:order_uid>/", erasure.order, name="erasure-order"),
    path("erasure/<uuid:order_uid>/approve/", erasure.approve, name="erasure-approve"),
    path("erasure/<uuid:order_uid>/check/", erasure.check, name="erasure-check"),
    path("erasure/<uuid:order_uid>/stop/", erasure.stop, name="erasure-stop"),
    path("erasure/<uuid:order_uid>/certificate/", erasure.certificate, name="erasure-certificate"),
    path("holds/", holds.all_holds, name="holds"),
    path("holds/new/", holds.hold_new, name="hold-new"),
    path("holds/<uuid:hold_uid>/lift/", holds.hold_lift, name="hold-lift"),
    path("cases/<uuid:uid>/holds/", erasure.of_case, name="case-holds"),
    path("cases/<uuid:uid>/erasure/<uuid:order_uid>/check/", erasure.check_on_case, name="case-erasure-check"),
    path("cases/<uuid:uid>/erasure/<uuid:order_uid>/stop/", erasure.stop_on_case, name="case-erasure-stop"),
]
