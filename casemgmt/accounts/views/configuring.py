"""This office: what an administrator sets up without code. No case is within reach."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden

from .. import configured
from ..actions.configuring import set_up_house
from ..errors import NameTellsOfTheWork, ReceptionError
from ..forms.configuring import HouseForm
from ..requests import SignedInRequest
from .people import administrator


def _house(request: SignedInRequest) -> None:
    if not request.user.organisation.is_ours:
        raise Hidden


@administrator
@require_safe
def this_office(request: SignedInRequest) -> HttpResponse:
    """What can be set up, and where. One query for the settings."""
    _house(request)
    return render(request, "accounts/this_office.html", {"said": configured.words(), "row": configured.settings_row()})


@administrator
@require_http_methods(["GET", "POST"])
def settings_page(request: SignedInRequest) -> HttpResponse:
    """Name of the site, word for her, languages, time zone of new accounts."""
    _house(request)
    form = HouseForm(
        request.POST if request.method == "POST" else None, initial=HouseForm.first_values(configured.words())
    )
    if request.method == "POST" and form.is_valid():
        try:
            set_up_house(actor=request.user, now=clock.now(), form_key=form.key, **form.answers)
        except ReceptionError as problem:
            form.add_error("site_name" if isinstance(problem, NameTellsOfTheWork) else None, str(problem))
        else:
            messages.success(request, _("Set for everybody in this house."))
            return redirect("this-office")
    return render(request, "accounts/house_form.html", {"form": form}, status=422 if form.errors else 200)
