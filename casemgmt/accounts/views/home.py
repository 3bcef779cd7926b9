"""Where everybody starts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from casemgmt.access.rules import personal

from ..homes import LAST_RESORT, address_of, homes_of


@personal()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """To the first home page of one's roles, in their fixed order."""
    homes = homes_of(request.user)
    return redirect(homes[0][1] if homes else address_of(LAST_RESORT))
