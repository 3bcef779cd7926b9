"""The tables of HTCDS that the case room keeps: who did something (``per_``), what happened (``hte_``), who helps (``org_``).

Written from and into the rows that the pages show; by the same actions, so that the same rules and events hold.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring
from casemgmt.crypto.gate import open_gate
from cases import access
from cases.actions.contacts import SaidOfContact, link_contact
from cases.actions.other_people import SaidOfOther, note_other_person
from cases.choices.other_people import KnownAs, OtherRole, Standing
from cases.choices.releases import InfoCategory
from cases.contacts import AddressBookGate
from cases.errors import CaseError
from cases.htcds.codes import PerpetratorRole, TraffickingEventType
from cases.htcds.fields import FieldType
from cases.htcds.tables import Row, Table, column, register
from cases.models import Case, CaseContact, HouseContact, OtherPerson, TraffickingProfile

_T, _S = FieldType, Section
_HAPPENED = (InfoCategory.TRAFFICKING_HISTORY,)
#: The answer of her profile in which each phase of what happened has its place.
_PLACES = {
    TraffickingEventType.RECRUITMENT.value: "vic_LocationOfRecruitment",
    TraffickingEventType.EXPLOITATION.value: "vic_LocationOfExploitation",
}
#: Column of ``per_`` → key of ``OtherPerson.who``.
_WHO = {
    "prs_FirstName": "first_name", "prs_SecondName": "family_name", "prs_Birthdate": "birth_date",
    "prs_MobilePhone": "phone", "x_OtherNames": "other_names", "x_Looks": "looks", "x_KnownAs": "known_as",
    "x_Standing": "standing", "x_StandingOn": "standing_on",
}  # fmt: skip
#: By what somebody can be told from others; one of these is asked.
_DESCRIBES = ("prs_FirstName", "prs_SecondName", "prs_MobilePhone", "x_OtherNames", "x_Looks")


def register_own() -> None:
    """Say which tables this room keeps."""
    register(_PEOPLE)
    register(_EVENTS)
    register(_ORGANISATIONS)


# ---- per_ ----


def _read_people(actor: User, cases: Sequence[Case], held: Mapping[int, Collection[str]]) -> dict[int, list[Row]]:
    rows = access.visible(OtherPerson, actor, read(_S.SAFETY)).filter(
        case__in=[case.pk for case in cases if _S.SAFETY in held[case.pk]], ended_at__isnull=True
    )
    found: dict[int, list[Row]] = {}
    for row in rows.order_by("pk"):
        roles = row.who.get("roles", [])
        ours = [code for code in roles if code in OtherRole.values]
        theirs = [code for code in roles if code in PerpetratorRole.values]
        if ours and set(ours) - {OtherRole.WITNESS.value, OtherRole.HARMED_TOO.value}:
            theirs = list(dict.fromkeys([*theirs, PerpetratorRole.OTHER.value]))
        line: Row = {name: row.who.get(key, "") for name, key in _WHO.items()}
        line |= {"per_RoleInProcess": theirs, "x_Roles": ";".join(roles), "x_Dangers": row.dangers}
        line["per_RoleDetails"] = (row.part or "") if _S.NARRATIVE in held[row.case_id] else ""
        found.setdefault(row.case_id, []).append(line)
    return found


def _take_people(actor: User, now: datetime, case: Case, rows: Sequence[Row]) -> int:
    """Write each down. Whoever is kept from the case by somebody whom the sheet names, writes no more."""
    for number, row in enumerate(rows):
        # The standard itself says of them no more than what they did.
        is_described = any(row.get(name) for name in _DESCRIBES)
        known = [
            code for code in row.get("x_Roles", "").split(";") if code in (*PerpetratorRole.values, *OtherRole.values)
        ]
        said = SaidOfOther(
            roles=known or list(row.get("per_RoleInProcess", ())),
            first_name=row.get("prs_FirstName", ""), family_name=row.get("prs_SecondName", ""),
            other_names=row.get("x_OtherNames", ""), birth_date=_day(row.get("prs_Birthdate")),
            phone=row.get("prs_MobilePhone", ""), looks=row.get("x_Looks", "") if is_described else _("Not described in the sheet"),
            known_as=row.get("x_KnownAs", KnownAs.UNKNOWN), standing=row.get("x_Standing", Standing.ALLEGED),
            standing_on=_day(row.get("x_StandingOn")), dangers=row.get("x_Dangers", ""),
            part=row.get("per_RoleDetails") or None,
        )  # fmt: skip
        try:
            note_other_person(actor=actor, now=now, case_uid=case.uid, said=said)
        except (Hidden, Refused, CaseError):
            return len(rows) - number
    return 0


# ---- hte_ ----


def _read_events(actor: User, cases: Sequence[Case], held: Mapping[int, Collection[str]]) -> dict[int, list[Row]]:
    profiles = access.visible(TraffickingProfile, actor, read(_S.NARRATIVE)).filter(
        case__in=[case.pk for case in cases if _S.NARRATIVE in held[case.pk]]
    )
    found: dict[int, list[Row]] = {}
    for profile in profiles.order_by("pk"):
        answers = profile.answers or {}
        for kind, name in _PLACES.items():
            if isinstance(answers.get(name), str) and answers[name]:
                found.setdefault(profile.case_id, []).append({"hte_Type": kind, "hte_Description": answers[name]})
    return found


def places_of(rows: Sequence[Row]) -> dict[str, str]:
    """What the events of a sheet say for her profile, where the case sheet itself is silent."""
    return {
        _PLACES[row["hte_Type"]]: row["hte_Description"]
        for row in rows
        if row.get("hte_Type") in _PLACES and row.get("hte_Description")
    }


def _take_events(actor: User, now: datetime, case: Case, rows: Sequence[Row]) -> int:
    """They are part of the profile already (``places_of``); how many say something that has no place there."""
    return len(rows) - len(places_of(rows))


# ---- org_ ----


def _read_organisations(
    actor: User, cases: Sequence[Case], held: Mapping[int, Collection[str]]
) -> dict[int, list[Row]]:  # fmt: skip
    mine = [case.pk for case in cases if _S.ADVOCACY in held[case.pk] and case.organisation_id == actor.organisation_id]
    links = access.visible(CaseContact, actor, read(_S.ADVOCACY)).filter(case__in=mine, ended_at__isnull=True)
    said = [(row.case_id, row.what) for row in links.order_by("pk")]
    book = _book(actor) if said else {}
    found: dict[int, list[Row]] = {}
    for case_id, what in said:
        about = book.get(what["contact"])
        if about is not None:
            line = {name: about.get(key, "") for name, key in _ABOUT.items()}
            found.setdefault(case_id, []).append({**line, "x_Words": what.get("words", "")})
    return found


_ABOUT = {
    "org_Name": "at",
    "org_Phone": "phone",
    "x_Contact": "name",
    "x_ContactRole": "role",
    "x_ContactEmail": "email",
}


def _book(actor: User) -> dict[str, dict[str, Any]]:
    """Whom the actor's house knows, by uid."""
    keyring.prefetch([actor.organisation.uid])
    with open_gate(AddressBookGate(actor.organisation.uid)):
        return {str(row.uid): row.about for row in access.of_house(HouseContact, actor).order_by("pk")}


def _take_organisations(actor: User, now: datetime, case: Case, rows: Sequence[Row]) -> int:
    """Put each on the case; one whom the house knows already, exactly so, is not written down a second time."""
    known, left = _known(actor), 0
    for row in rows:
        said = SaidOfContact(
            name=row.get("x_Contact") or row.get("org_Name", ""), role=row.get("x_ContactRole", ""),
            at=row.get("org_Name", ""), phone=row.get("org_Phone", ""), email=row.get("x_ContactEmail", ""),
        )  # fmt: skip
        uid = known.get(tuple(sorted(said.about.items())))
        whom: dict[str, Any] = {"contact_uid": uid} if uid else {"said": said}
        try:
            link_contact(actor=actor, now=now, case_uid=case.uid, words=row.get("x_Words", ""), **whom)
        except (Hidden, Refused, CaseError):
            left += 1
            continue
        if uid is None:
            known = _known(actor)
    return left


def _known(actor: User) -> dict[tuple[tuple[str, Any], ...], str]:
    return {tuple(sorted(about.items())): uid for uid, about in _book(actor).items()}


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


# fmt: off
_PEOPLE = Table("per_", "per_ People", (
    column("per_RoleInProcess", _T.CODES, _S.SAFETY, codes=PerpetratorRole),
    column("per_RoleDetails", _T.LONG_TEXT, _S.NARRATIVE),
    column("prs_FirstName", _T.TEXT, _S.SAFETY),
    column("prs_SecondName", _T.TEXT, _S.SAFETY),
    column("prs_Birthdate", _T.DATE, _S.SAFETY),
    column("prs_MobilePhone", _T.TEXT, _S.SAFETY),
    column("x_OtherNames", _T.TEXT, _S.SAFETY),
    column("x_Looks", _T.LONG_TEXT, _S.SAFETY),
    column("x_Roles", _T.TEXT, _S.SAFETY),
    column("x_KnownAs", _T.CODE, _S.SAFETY, codes=KnownAs),
    column("x_Standing", _T.CODE, _S.SAFETY, codes=Standing),
    column("x_StandingOn", _T.DATE, _S.SAFETY),
    column("x_Dangers", _T.LONG_TEXT, _S.SAFETY),
), _read_people, _take_people, no_home=("per_Organisation",))

_EVENTS = Table("hte_", "hte_ Events", (
    column("hte_Type", _T.CODE, _S.NARRATIVE, _HAPPENED, codes=TraffickingEventType),
    column("hte_Description", _T.LONG_TEXT, _S.NARRATIVE, _HAPPENED),
), _read_events, _take_events, no_home=(
    "hte_Date", "hte_Street", "hte_City", "hte_State", "hte_PostalCode", "hte_Country", "hte_Latitude", "hte_Longitude",
))

_ORGANISATIONS = Table("org_", "org_ Organisations", (
    column("org_Name", _T.TEXT, _S.ADVOCACY),
    column("org_Phone", _T.TEXT, _S.ADVOCACY),
    column("x_Contact", _T.TEXT, _S.ADVOCACY),
    column("x_ContactRole", _T.TEXT, _S.ADVOCACY),
    column("x_ContactEmail", _T.TEXT, _S.ADVOCACY),
    column("x_Words", _T.TEXT, _S.ADVOCACY),
), _read_organisations, _take_organisations, no_home=(
    "org_Type", "org_ShippingStreet", "org_ShippingCity", "org_ShippingState", "org_ShippingPostalCode",
    "org_ShippingCountry", "org_ShippingLongitude", "org_ShippingLatitude",
))
# fmt: on
