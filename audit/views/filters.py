"""Filters that an auditor keeps under a name, and throws away again."""

import uuid
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from casemgmt.access.errors import Hidden

from ..forms import EventFilter, KeepFilter
from ..log import Ref, record
from ..models import SavedFilter
from ..reader import Reader
from ..verbs import Verb
from .shared import internal

MOST = 30


def kept_filters(request: HttpRequest, query: str) -> dict[str, Any]:
    """What ``audit/_kept_filters.html`` takes. One query."""
    person: Any = request.user
    kept = SavedFilter.objects.filter(owner_uid=person.uid).order_by("name")
    return {"kept": list(kept[:MOST]), "keep_form": KeepFilter(None), "keep_query": query}


@internal
@require_POST
def keep_filter(request: HttpRequest) -> HttpResponse:
    """Keep the filter of the list one came from. Only codes and days that the form knows are kept."""
    person: Any = request.user
    form = KeepFilter(request.POST)
    asked = dict(parse_qsl(request.POST.get("query", "")[:600]))
    wanted = {key: value for key, value in asked.items() if key in EventFilter.base_fields}
    fits = EventFilter(wanted, reader=Reader(person)).is_valid() if wanted else False
    address = f"{reverse('audit-events')}?{urlencode(wanted)}" if fits else reverse("audit-events")
    if not form.is_valid() or not fits:
        messages.error(request, _("Choose at least one filter, apply it, and give it a name. Nothing was kept."))
        return redirect(address)
    if SavedFilter.objects.filter(owner_uid=person.uid).count() >= MOST:
        messages.error(request, _("You keep thirty filters already. Throw one away first."))
        return redirect(address)
    kept = SavedFilter(owner_uid=person.uid, name=form.cleaned_data["name"], query=urlencode(wanted))
    try:
        with transaction.atomic():
            kept.save(force_insert=True)
            record(Verb.FILTER_KEPT, actor=person, subject=Ref("filter", kept.uid), detail={"status": "KEPT"})
    except IntegrityError:
        messages.error(request, _("You keep a filter of this name already. Choose another name."))
        return redirect(address)
    messages.success(request, _("The filter is kept. You find it above this list."))
    return redirect(address)


@internal
@require_POST
def drop_filter(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Throw one's own filter away."""
    person: Any = request.user
    with transaction.atomic():
        deleted, _what = SavedFilter.objects.filter(owner_uid=person.uid, uid=uid).delete()
        if not deleted:
            raise Hidden
        record(Verb.FILTER_KEPT, actor=person, subject=Ref("filter", uid), detail={"status": "DROPPED"})
    messages.success(request, _("The filter is gone."))
    return redirect("audit-events")
