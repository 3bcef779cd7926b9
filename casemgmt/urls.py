"""The switchboard: which room answers which address."""

from django.urls import include, path, re_path

from casemgmt import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path("", include("casemgmt.accounts.urls")),
    path("", include("casemgmt.interface.urls")),
    path("audit/", include("audit.urls")),
    path("", include("cases.urls")),
    path("", include("services.urls")),
    # Last: any other address asks for sign-in first, and only then says that there is no such page.
    re_path(r"", views.no_such_page, name="no-such-page"),
]

handler400 = "casemgmt.views.bad_request"
handler403 = "casemgmt.views.refused"
handler404 = "casemgmt.views.not_found"
handler500 = "casemgmt.views.server_error"
