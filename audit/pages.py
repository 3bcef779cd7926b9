"""Every page leaves a line: what recorded nothing of its own is recorded by its name.

Called by the outermost middleware, after the page and what it handed over were recorded. So a new address is in the ledger
from its first day, whatever its view says.
"""

from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponseBase

from casemgmt.access import ground

from . import circumstances
from .denials import what_was_asked_for
from .log import record
from .verbs import Outcome, Verb

#: Pages of one's own account that show nobody else's data and change nothing that is not recorded, by name.
QUIET = {
    "stay": "the screen says once a minute that somebody is still there",
    "unlock": "the form of the lock; what is typed is recorded",
    "draft": "keeps what is being typed, every few seconds; sealed for its writer",
    "draft-discard": "throws one's own half-typed words away",
    "home": "sends on to the home of a role, which is recorded",
    "import-progress": "the page asks every few seconds how far the import is",
    "notices-seen": "hides a line of one's own; marking as read is recorded",
    "my-account": "the form of one's own preferences; a change is recorded",
    "change-password": "the form of one's own password; a change is recorded",
    "pin": "the form of one's own PIN; a change is recorded",
    "app-code": "the form of one's own second factor; a change is recorded",
    "mfa_index": "one's own second factors; a change is recorded",
    "mfa_activate_totp": "as above",
    "mfa_add_webauthn": "as above",
    "mfa_deactivate_totp": "as above",
    "mfa_generate_recovery_codes": "as above",
    "mfa_view_recovery_codes": "as above",
    "account_reauthenticate": "asks for a proof of who one is; the proof is recorded",
    "mfa_reauthenticate": "as above",
    "mfa_reauthenticate_webauthn": "as above",
}


def record_page(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Record PAGE_OPENED for a signed-in person's page that recorded nothing. Whether it did."""
    running = circumstances.require()
    match = request.resolver_match
    rule = getattr(match.func, "access_rule", None) if match else None
    if match is None or rule is None or rule.kind == "public" or match.view_name in QUIET or running.recorded:
        return False
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or connections[DEFAULT_DB_ALIAS].needs_rollback:
        return False
    record(
        Verb.PAGE_OPENED,
        actor=user,
        subject=what_was_asked_for(dict(match.kwargs), match.route),
        outcome=_outcome(response.status_code),
        basis=ground.of(request),
        detail={"route": match.view_name, "method": request.method or "", "status": response.status_code},
    )
    return True


def _outcome(status: int) -> Outcome:
    """A form that is shown once more, with words beside its fields, is a page like any other."""
    if status >= 500:
        return Outcome.FAILED
    return Outcome.REFUSED if status in (403, 404, 405, 410, 413) else Outcome.OK
