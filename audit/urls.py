"""Addresses of the auditor's workspace, under ``/audit/``."""

from django.urls.resolvers import URLPattern

urlpatterns: list[URLPattern] = []
