"""Prove this event; and the heads of the ledger, for an auditor who keeps what she was shown."""

import re
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from casemgmt.access.errors import Hidden

from .. import clock
from ..anchoring import seen
from ..anchoring.checking import fault_of
from ..anchoring.held import Held
from ..anchoring.letters import words_of
from ..anchoring.models import Anchor
from ..anchoring.picture import picture_of
from ..explaining import explain
from ..forms import CompareHead
from ..log import Ref, record
from ..models import Event
from ..presenting import lines_of
from ..reader import Reader
from ..sealing import keys, rows
from ..verbs import Outcome, Verb
from .shared import auditor, workspace


@auditor
@require_safe
def proof(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One event, checked step by step. Privileged ones are counted and never shown. Records LEDGER_READ."""
    event = Event.objects.filter(uid=uid, is_privileged=False).select_related("detail").first()
    if event is None:
        raise Hidden
    reader = Reader(request.user)
    explained = explain(event)
    result = {True: "HOLDS", None: "NOT_SEALED", False: "DOES_NOT_HOLD"}[explained.holds]
    detail = {"page": "PROOF", "filters": [], "result": result}
    record(Verb.LEDGER_READ, actor=request.user, subject=Ref("event", event.uid, event.case_uid), detail=detail)
    # From outside, the proof alone: what was done by whom is for the auditor of the house.
    lines = [] if reader.is_external else lines_of(reader, [event])
    page = {
        **workspace(reader, "audit-heads" if reader.is_external else "audit-events"),
        "explained": explained,
        "lines": lines,
        "week": _week_of(explained),
    }
    return render(request, "audit/proof.html", page)


@auditor
@require_http_methods(["GET", "HEAD", "POST"])
def heads(request: HttpRequest) -> HttpResponse:
    """The newest head to keep or print, the ones she saw before, and a question about one of hers. Records LEDGER_READ.

    A head of hers that carries our signature and does not fit is a finding: LEDGER_VERIFIED with FAILED.
    """
    reader = Reader(request.user)
    form = CompareHead(request.POST if request.method == "POST" else None)
    answer: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        answer = _compare(request.user, *form.cleaned_data["head"])
    reader.leave_trace("HEADS", result=answer.get("code", ""))
    head = rows.head()
    page = {
        **workspace(reader, "audit-heads"),
        "form": form,
        "answer": answer,
        "seen": seen.look(request.user),
        "head": head,
        "printed_at": clock.now(),
        "anchors": _anchors(),
        "keys": [{"print": keys.fingerprint(key.verifier), "key": key} for key in keys.listed()],
        "key_file": keys.key_file(),
    }
    if head is not None:
        page |= {
            "words": words_of(head),
            "groups": seen.groups_of(bytes(head.root).hex()),
            "code": picture_of(head.note),
        }
    return render(request, "audit/heads.html", page, status=422 if form.errors else 200)


def _compare(user: Any, size: int, root: bytes, note: str) -> dict[str, Any]:
    """What may be said of a head that she brings."""
    if fault_of(Held("", size, root, clock.now())) is None:
        words = _("The ledger begins with the %(size)s entries of your head.") % {"size": size}
        return {"code": "FITS", "tone": "ok", "title": _("Your head holds."), "words": words}
    if note and keys.signed(note):
        detail = {"problems": 1, "kind": "HEAD", "size": size}
        record(Verb.LEDGER_VERIFIED, actor=user, outcome=Outcome.FAILED, detail=detail)
        words = _("It carries the signature of this ledger, and the ledger does not begin with it: it was changed. Keep "
                  "your copy, and tell the privacy officer at once.")  # fmt: skip
        return {"code": "DIFFERENT", "tone": "bad", "title": _("The ledger was changed."), "words": words}
    words = _("Look for a slip of the pen in the size and the root. If there is none, keep your copy, and tell the "
              "privacy officer at once.")  # fmt: skip
    return {"code": "DIFFERENT", "tone": "bad", "title": _("The ledger does not begin with this head."), "words": words}


def _anchors() -> list[dict[str, Any]]:
    """For each way in which heads leave the house: whether it is set, and the last one."""
    ways = {
        Anchor.Kind.FILE: bool(settings.ANCHOR_FILE),
        Anchor.Kind.MAIL: bool(settings.ANCHOR_MAIL_TO),
        Anchor.Kind.WITNESS: bool(settings.WITNESSES),
    }
    last = {kind: Anchor.objects.filter(kind=kind).order_by("-size").first() for kind in ways}
    return [
        {"label": kind.label, "is_set": ways[kind], "last": last[kind]} for kind in ways if ways[kind] or last[kind]
    ]


def _week_of(explained: Any) -> str:
    """The ISO week of an event, which is all of the time that its entry tells."""
    found = re.search(r'"week":"([0-9W-]+)"', explained.proof.get("entry", ""))
    return found[1] if found else ""
