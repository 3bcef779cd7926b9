"""Addresses of contacts before cases, and of inquiries by third parties."""

from django.urls import path

from cases.views import callers, inquiries

urlpatterns = [
    path("contacts/", callers.callers, name="callers"),
    path("contacts/new/", callers.caller_new, name="caller-new"),
    path("contacts/<uuid:contact_uid>/", callers.caller, name="caller"),
    path("contacts/<uuid:contact_uid>/intake/", callers.caller_take_in, name="caller-take-in"),
    path("contacts/<uuid:contact_uid>/hold/", callers.caller_hold, name="caller-hold"),
    path("inquiries/", inquiries.inquiries, name="inquiries"),
    path("inquiries/<uuid:inquiry_uid>/hold/", inquiries.inquiry_hold, name="inquiry-hold"),
]
