"""The demo's door: the cast, and a button each. These pages exist in the demo only."""

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from casemgmt.access.errors import Hidden
from casemgmt.access.rules import public

from ..cast import CAST, find
from ..demo_guard import demo_only
from ..models import User
from ..stepup import mark_demo


@public("the demo's list of fictional people; it exists in the demo only")
@never_cache
@demo_only
@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """Who is who, with one line each."""
    return render(request, "accounts/demo.html", {"cast": CAST})


@public("signs in as a fictional person; it exists in the demo only")
@never_cache
@demo_only
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as the person named in ``person``; stands in for both factors."""
    member = find(request.POST.get("person", ""))
    user = None if member is None else User.objects.filter(email=member.email, is_active=True).first()
    if user is None:
        raise Hidden
    if request.user.is_authenticated:
        logout(request)
    # Marked first: the sign-in's event says that it was the demo's button.
    request.user = user
    mark_demo(request, user)
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect("home")
