"""Addresses of the case room."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
