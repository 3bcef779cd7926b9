"""Who outside the house sees a document, under which release, and why another does not. For colleagues; an outsider reads
her own line only (``cases.access.own_line``).

Nothing is decided here: a document outside is readable while a release stands that names its part of the case, and that is
asked by the door at each opening. These are the words for it.
"""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from casemgmt.accounts.models import User
from cases.access import Viewer
from cases.choices.releases import SECTION_OF_CATEGORY
from cases.models import AccessGrant, Case, Document
from cases.people import reads_section


def outside_lines(reader: User, case: Case, viewers: list[Viewer], document: Document) -> list[tuple[bool, str]]:
    """For each person outside who has any access now: whether she sees the document, and a sentence why, or why not."""
    if reader.organisation_id != case.organisation_id:
        return []
    people: dict[str, list[Viewer]] = {}
    for viewer in viewers:
        if _is_outside(viewer.grant, case):
            people.setdefault(viewer.who, []).append(viewer)
    return [_line(who, hers, document) for who, hers in sorted(people.items())]


def _is_outside(grant: AccessGrant, case: Case) -> bool:
    person = grant.person
    return person is not None and person.organisation_id != case.organisation_id


def _line(who: str, viewers: list[Viewer], document: Document) -> tuple[bool, str]:
    if document.withdrawn_at is not None or document.quarantined_at is not None:
        return False, _("%(who)s does not see it: it was withdrawn or put into quarantine.") % {"who": who}
    by = [one for one in viewers if reads_section(one, document.section, document.matter_uid)]
    ground = next((one for one in by if one.grant.release is not None), by[0] if by else None)
    if ground is not None and ground.grant.release is not None:
        words = {"who": who, "signed": _day(ground.grant.release.signed_on), "until": _day(ground.until)}
        return True, _("%(who)s sees it under the release of %(signed)s, until %(until)s.") % words
    if ground is not None:
        return True, _("%(who)s sees it as a paper of the matter, until %(until)s.") % {
            "who": who,
            "until": _day(ground.until),
        }
    part = document.get_section_display()
    if document.section not in SECTION_OF_CATEGORY.values():
        return False, _("%(who)s does not see it: “%(part)s” is never released.") % {"who": who, "part": part}
    releases = [one.grant.release for one in viewers if one.grant.release is not None]
    if releases:
        signed = _day(max(release.signed_on for release in releases))
        words = {"who": who, "part": part, "signed": signed}
        return False, _("%(who)s does not see it: the release of %(signed)s does not name “%(part)s”.") % words
    return False, _("%(who)s does not see it: no release for “%(part)s” stands.") % {"who": who, "part": part}


def _day(value: date) -> str:
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return date_format(day, pgettext("how a day is written; Django's letters", "j F Y"))
