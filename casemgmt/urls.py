"""The switchboard: which room answers which address."""

from django.conf import settings
from django.urls import include, path, re_path

from casemgmt import views
from casemgmt.access.rules import for_roles, personal, public
from casemgmt.interface import views as window

#: All components on one page: for whoever keeps the house, and for everybody in the demo.
ui_rule = personal() if settings.HAVEN_DEMO else for_roles("ADMINISTRATOR")

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path("", include("casemgmt.accounts.urls")),
    # The shop window may not import the guard desk, so its rules are fastened here.
    path("theme/", public("colours are chosen before signing in, too")(window.theme), name="theme"),
    path("language/", public("the language is chosen before signing in, too")(window.language), name="language"),
    path("stay/", personal()(window.stay), name="stay"),
    path("ui/", ui_rule(window.components), name="ui"),
    path("audit/", include("audit.urls")),
    path("reports/", include("casemgmt.reports.urls")),
    path("", include("cases.urls")),
    path("", include("services.urls")),
    # Last: any other address asks for sign-in first, and only then says that there is no such page.
    re_path(r"", views.no_such_page, name="no-such-page"),
]

handler400 = "casemgmt.views.bad_request"
handler403 = "casemgmt.views.refused"
handler404 = "casemgmt.views.not_found"
handler500 = "casemgmt.views.server_error"
