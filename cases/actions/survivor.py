"""Changing what a case holds about her. Events name the fields that changed, never what stands in them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD, Section, read
from casemgmt.accounts.models import User
from cases import access, deciding, rules, search_index
from cases.access import Held
from cases.actions.declarations import keep_declared_apart
from cases.actions.drafts import forget_draft
from cases.actions.trail import add_line
from cases.addresses import address_is_confidential
from cases.answers import ADDRESS, NUMBERS, changed_names, is_answered, merged
from cases.choices.survivor import ConsentGiver, ConsentState
from cases.consent_words import text_in
from cases.errors.survivor import AddressIsConfidential, AnswerImpossible, ConsentLacks
from cases.marks import assign, demand_mark
from cases.models import Case, Consent, Survivor, TraffickingProfile
from cases.opening import open_to_change

#: What each page is made from: the marks of these fields tell whether somebody else saved in between.
IDENTITY = ("first_name", "second_name", "other_names", "birth_date", "about")
CALLED = ("called",)
SPEECH = ("speech",)
MINORITY = ("minority",)
CONTACT = ("contact",)
LOCATION = ("location",)
PROTECTION = ("protection",)
ANSWERS = ("answers",)
STATEMENT = ("statement",)
CONSENT = ("state", "told", "record")

#: The kind of draft of each page that is typed into for long.
STATEMENT_DRAFT = "statement"

Record = TypeVar("Record", bound=models.Model)


def the_one(model: type[Record], held: Held) -> Record:
    """The one record of this kind of a locked case."""
    found = access.within(model, held.case).first()
    if found is None:
        raise Hidden
    return found


@contextmanager
def _named(held: Held, actor: User, section: str, row: Any, name: str) -> Iterator[list[str]]:
    """The names of the answers that change inside the block, where ``row.name`` holds answers by name."""
    changes: list[str] = []
    with open_to_change(actor, held, section):
        before = getattr(row, name)
        yield changes
        changes += [f"{name}.{answer.lower()}" for answer in changed_names(before, getattr(row, name))]


def _save(row: Any, prefix: str, changed: list[str], answers: list[str]) -> list[str]:
    """Save what changed, and say it as names for the event: of columns, and of the answers inside them."""
    row.save(update_fields=changed)
    inside = {answer.split(".")[0] for answer in answers}
    return [f"{prefix}.{name}" for name in [*(name for name in changed if name not in inside), *answers]]


@action
def change_survivor(
    *, actor: User, now: datetime, case_uid: UUID, names: Mapping[str, Any] | None = None,
    about: Mapping[str, Any] | None = None, mark: str | None = None,
) -> Survivor:  # fmt: skip
    """Change who she is. ``names``: first_name, second_name, other_names, birth_date; ``about``: answers ``prs_*``.

    What is not named stays. ``mark`` is that of the page (``IDENTITY``). A birth date lies not in the future, on the
    actor's calendar. Raises Hidden, Refused, CaseIsClosed, StaleVersion, AnswerImpossible. Records SURVIVOR_CHANGED,
    unless nothing changed.
    """
    held = access.lock_for_write(actor, case_uid, Section.IDENTITY)
    survivor = the_one(Survivor, held)
    demand_mark(survivor, mark, *IDENTITY)
    columns = dict(names or {})
    birth = columns.get("birth_date")
    if isinstance(birth, date) and birth > now.astimezone(actor.zone).date():
        raise AnswerImpossible(["birth_date"])
    with _named(held, actor, Section.IDENTITY, survivor, "about") as answers:
        changed = assign(survivor, **columns, about=merged(survivor.about, about or {}))
    if changed:
        fields = _save(survivor, "survivor", changed, answers)
        search_index.remember(actor, held.case)
        record(
            Verb.SURVIVOR_CHANGED, actor=actor, subject=survivor, held=held, sections=[Section.IDENTITY], fields=fields
        )
        keep_declared_apart(actor=actor, now=now, case=held.case)
    return survivor


@action
def change_called(
    *, actor: User, now: datetime, case_uid: UUID, called: Mapping[str, Any], mark: str | None = None
) -> Survivor:
    """Change her further names and her pronouns (``cases.answers.CALLED``). What is not named stays; empty text removes.

    From now on she is found by these names. Raises Hidden, Refused, CaseIsClosed, StaleVersion. Records SURVIVOR_CHANGED,
    unless nothing changed.
    """
    held, survivor, has_changed = _change_answers(actor, case_uid, mark, "called", called)
    if has_changed:
        search_index.remember(actor, held.case)
        keep_declared_apart(actor=actor, now=now, case=held.case)
    return survivor


@action
def change_speech(
    *, actor: User, now: datetime, case_uid: UUID, speech: Mapping[str, Any], mark: str | None = None
) -> Survivor:
    """Change what she speaks and what she needs of an interpreter (``cases.answers.SPEECH``, domain.md §8.6).

    Raises Hidden, Refused, CaseIsClosed, StaleVersion. Records SURVIVOR_CHANGED, unless nothing changed.
    """
    return _change_answers(actor, case_uid, mark, "speech", speech)[1]


@action
def change_minority(
    *, actor: User, now: datetime, case_uid: UUID, minority: Mapping[str, Any], mark: str | None = None
) -> Survivor:
    """Change who speaks for her while she is a minor, and what was looked at (``cases.answers.MINORITY``, domain.md §8.5).

    Raises Hidden, Refused, CaseIsClosed, StaleVersion. Records SURVIVOR_CHANGED, unless nothing changed.
    """
    return _change_answers(actor, case_uid, mark, "minority", minority)[1]


def _change_answers(
    actor: User, case_uid: UUID, mark: str | None, column: str, answers: Mapping[str, Any]
) -> tuple[Held, Survivor, bool]:
    """Change one column of answers of section IDENTITY, and say whether anything changed."""
    held = access.lock_for_write(actor, case_uid, Section.IDENTITY)
    survivor = the_one(Survivor, held)
    demand_mark(survivor, mark, column)
    with _named(held, actor, Section.IDENTITY, survivor, column) as names:
        changed = assign(survivor, **{column: merged(getattr(survivor, column), answers) or None})
    if changed:
        fields = _save(survivor, "survivor", changed, names)
        record(
            Verb.SURVIVOR_CHANGED, actor=actor, subject=survivor, held=held, sections=[Section.IDENTITY], fields=fields
        )
    return held, survivor, bool(changed)


@action
def change_contact_details(
    *, actor: User, now: datetime, case_uid: UUID, contact: Mapping[str, Any], mark: str | None = None
) -> Survivor:
    """Change phone, e-mail and addresses. What is not named stays; empty text removes.

    Raises Hidden, Refused, CaseIsClosed, StaleVersion, AddressIsConfidential. Records SURVIVOR_CHANGED.
    """
    held = access.lock_for_write(actor, case_uid, Section.IDENTITY)
    survivor = the_one(Survivor, held)
    demand_mark(survivor, mark, *CONTACT)
    with open_to_change(actor, held, Section.CARD):
        alerts = list(held.case.alerts or [])
    if any(is_answered(contact.get(name)) for name in ADDRESS) and address_is_confidential(held.case, alerts, now):
        raise AddressIsConfidential
    with _named(held, actor, Section.IDENTITY, survivor, "contact") as answers:
        changed = assign(survivor, contact=merged(survivor.contact, contact))
    if changed:
        fields = _save(survivor, "survivor", changed, answers)
        search_index.remember(actor, held.case)
        record(
            Verb.SURVIVOR_CHANGED, actor=actor, subject=survivor, held=held, sections=[Section.IDENTITY], fields=fields
        )
        keep_declared_apart(actor=actor, now=now, case=held.case)
    return survivor


@action
def change_location(*, actor: User, now: datetime, case_uid: UUID, location: str, mark: str | None = None) -> Survivor:
    """Change where she stays. Never for somebody who lives in a shelter: that address is the shelter's secret.

    Raises Hidden, Refused, CaseIsClosed, StaleVersion, AddressIsConfidential. Records SURVIVOR_CHANGED.
    """
    held = access.lock_for_write(actor, case_uid, Section.LOCATION)
    survivor = the_one(Survivor, held)
    demand_mark(survivor, mark, *LOCATION)
    if location and address_is_confidential(held.case, [], now):
        raise AddressIsConfidential
    changed = assign(survivor, location=location or None)
    if changed:
        fields = _save(survivor, "survivor", changed, [])
        record(
            Verb.SURVIVOR_CHANGED, actor=actor, subject=survivor, held=held, sections=[Section.LOCATION], fields=fields
        )
    return survivor


@action
def change_protection(
    *, actor: User, now: datetime, case_uid: UUID, protection: Mapping[str, Any], mark: str | None = None
) -> Survivor:
    """Change immigration and protection status and the numbers that go with it.

    Raises Hidden, Refused, CaseIsClosed, StaleVersion. Records SURVIVOR_CHANGED.
    """
    held = access.lock_for_write(actor, case_uid, Section.STATUS)
    survivor = the_one(Survivor, held)
    demand_mark(survivor, mark, *PROTECTION)
    with _named(held, actor, Section.STATUS, survivor, "protection") as answers:
        changed = assign(survivor, protection=merged(survivor.protection, protection) or None)
    if changed:
        fields = _save(survivor, "survivor", changed, answers)
        record(
            Verb.SURVIVOR_CHANGED, actor=actor, subject=survivor, held=held, sections=[Section.STATUS], fields=fields
        )
    return survivor


@action
def show_numbers(*, actor: User, now: datetime, case_uid: UUID) -> Case:
    """Note that somebody has the numbers of a case shown whole, on the next page only. Records NUMBERS_SHOWN."""
    case = access.get_for(actor, case_uid, read(Section.STATUS))
    assert case.holding is not None  # the door has set it
    basis = case.holding.basis_for(Section.STATUS) or case.holding.permissions[READ_CARD]
    record(
        Verb.NUMBERS_SHOWN, actor=actor, subject=case, sections=[Section.STATUS], basis=basis.snapshot(),
        fields=[f"protection.{name.lower()}" for name in NUMBERS],
    )  # fmt: skip
    return case


@action
def change_profile(
    *, actor: User, now: datetime, case_uid: UUID, answers: Mapping[str, Any], mark: str | None = None
) -> TraffickingProfile:
    """Change what is recorded of what happened, in the codes of HTCDS. What is not named stays.

    The age when trafficked is held against the date of birth only where the actor reads it. Raises Hidden, Refused,
    CaseIsClosed, StaleVersion, AnswerImpossible (R6), and where the status changes what ``cases.deciding`` raises (R5): its
    page is that of ``actions.identifying.decide_status``; here it changes only with a former version. Records PROFILE_CHANGED.
    """
    held = access.lock_for_write(actor, case_uid, Section.NARRATIVE)
    profile = the_one(TraffickingProfile, held)
    demand_mark(profile, mark, *ANSWERS)
    with _named(held, actor, Section.NARRATIVE, profile, "answers") as names:
        before = profile.answers or {}
        after = merged(before, answers)
        if deciding.is_changed(before, after):
            deciding.demand_decision(actor, held.case, before, after, now=now)
        wrong = (
            rules.impossible(after, birth_date=_birth_date(actor, held)) if "vic_AgeWhenTrafficked" in answers else None
        )
        if wrong:
            raise AnswerImpossible([wrong])
        changed = assign(profile, answers=after)
    if changed:
        fields = _save(profile, "profile", changed, names)
        if "profile.answers.vic_traffickingstatus" in fields:
            add_line(
                case=held.case, section=Section.NARRATIVE, kind=Verb.PROFILE_CHANGED, subject=profile, author=actor,
                at=now, line=_("Trafficking status changed"),
            )  # fmt: skip
        record(
            Verb.PROFILE_CHANGED, actor=actor, subject=profile, held=held, sections=[Section.NARRATIVE], fields=fields
        )
    return profile


def _birth_date(actor: User, held: Held) -> date | None:
    """Her date of birth, where the actor reads who she is."""
    if not held.holding.reads(Section.IDENTITY):
        return None
    with open_to_change(actor, held, Section.IDENTITY):
        birth: date | None = the_one(Survivor, held).birth_date
    return birth


@action
def change_statement(
    *, actor: User, now: datetime, case_uid: UUID, statement: str, mark: str | None = None
) -> TraffickingProfile:
    """Write down her statement, or change it; the draft is forgotten. Empty text removes it from the page, not from history.

    Raises Hidden, Refused, CaseIsClosed, StaleVersion. Records PROFILE_CHANGED.
    """
    held = access.lock_for_write(actor, case_uid, Section.NARRATIVE)
    profile = the_one(TraffickingProfile, held)
    demand_mark(profile, mark, *STATEMENT)
    changed = assign(profile, statement=statement or None)
    if changed:
        fields = _save(profile, "profile", changed, [])
        add_line(
            case=held.case, section=Section.NARRATIVE, kind=Verb.PROFILE_CHANGED, subject=profile, author=actor, at=now,
            line=_("Statement written down"),
        )  # fmt: skip
        record(
            Verb.PROFILE_CHANGED, actor=actor, subject=profile, held=held, sections=[Section.NARRATIVE], fields=fields
        )
    forget_draft(actor=actor, kind=STATEMENT_DRAFT, about_uid=case_uid)
    return profile


@action
def record_consent(
    *, actor: User, now: datetime, case_uid: UUID, state: str, told: Mapping[str, bool], facts: Mapping[str, Any],
    mark: str | None = None,
) -> Consent:  # fmt: skip
    """Record what she said about keeping her information. A refusal never changes the help she gets, and says so.

    ``told``: the seven prompts; ``facts``: obtained_on (ISO day), obtained_by, language, interpreter, witness,
    read_aloud, and who answered (``given_by``, guardian, assent, authority). The wording that was read to her is kept with
    it (R21); asked again, in another language or on another day, it is the wording of then. Raises Hidden, Refused,
    CaseIsClosed, StaleVersion, ConsentLacks (R2). Records CONSENT_RECORDED, CONSENT_CHANGED or CONSENT_WITHDRAWN.
    """
    held = access.lock_for_write(actor, case_uid, Section.DUTIES)
    consent = the_one(Consent, held)
    demand_mark(consent, mark, *CONSENT)
    gaps = rules.consent_gaps(state, told, facts)
    if gaps:
        raise ConsentLacks(gaps)
    with open_to_change(actor, held, Section.DUTIES):
        before = consent.state
        # Reported by another organisation or asked by us: from now on it was asked by us.
        kept = {name: value for name, value in (consent.record or {}).items() if name != "as_reported"}
        wording = _wording(before, kept, state, facts)
    record_now = {**kept, **facts, "service_conditioned": False, **wording}
    changed = assign(consent, state=ConsentState(state).value, told=dict(told), record=record_now)
    if changed:
        fields = _save(consent, "consent", changed, [])
        verb, line = _consent_verb(before, state)
        add_line(case=held.case, section=Section.DUTIES, kind=verb, subject=consent, author=actor, at=now, line=line)
        record(verb, actor=actor, subject=consent, held=held, sections=[Section.DUTIES], fields=fields)
    return consent


def _wording(before: str, kept: Mapping[str, Any], state: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The text that was read to her with this answer; nothing where nobody has asked her yet."""
    same = before == state and all(kept.get(name) == facts.get(name) for name in ("obtained_on", "language"))
    if state == ConsentState.PENDING or (same and "wording" in kept):
        return {}
    with_guardian = facts.get("given_by") == ConsentGiver.WITH_GUARDIAN
    return {"wording": text_in(facts.get("language") or "", with_guardian=with_guardian).as_json}


def _consent_verb(before: str, after: str) -> tuple[Verb, str]:
    """Which event a change of consent is, and its line in the timeline."""
    if before == ConsentState.CONSENTED and after != ConsentState.CONSENTED:
        return Verb.CONSENT_WITHDRAWN, _("Consent withdrawn")
    if before == after:
        return Verb.CONSENT_CHANGED, _("Consent record changed")
    return Verb.CONSENT_RECORDED, _("Consent recorded: %(state)s") % {"state": ConsentState(after).label}
