"""Where everybody starts."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from casemgmt.access.rules import personal

from ..homes import LAST_RESORT, address_of, homes_of
from ..requests import SignedInRequest


@personal()
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """To the first home page of one's roles, in their fixed order."""
    homes = homes_of(request.user)
    return redirect(homes[0][1] if homes else address_of(LAST_RESORT))
