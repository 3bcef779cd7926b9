"""The addresses the shell links to, for tests that look at the shop window alone."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def elsewhere(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<title>Elsewhere</title><p>Elsewhere</p>")


urlpatterns = [
    path("", elsewhere, name="home"),
    *(path(f"{name}/", elsewhere, name=name) for name in ("day", "cases", "tasks", "theme", "language", "stay", "ui")),
    *(path(f"{name}/", elsewhere, name=name) for name in ("lock", "unlock", "sign-in", "sign-out")),
    path("account/", elsewhere, name="my-account"),
]
