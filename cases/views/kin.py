"""Her family, counted apart, and the people who stand by her; each is reached only after the rule was read."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from cases import access, kin, minors
from cases.actions import kin as actions
from cases.addresses import address_is_confidential
from cases.alerts import standing_alerts
from cases.answers import is_answered
from cases.choices.survivor import ContactChannel
from cases.forms.contacting import ContactForm
from cases.forms.kin import FamilyMemberForm, KinEndForm, SupporterForm
from cases.guards import guarded
from cases.kin_answers import PERSON, PERSON_REACHED_BY
from cases.models import Case, ContactInstruction, FamilyMember, SupportContact, Survivor
from cases.opening import held as holding_of
from cases.views.desk_forms import done
from cases.views.editing import Page, edit
from cases.views.safety import instruction_in_words
from cases.views.shell import render_case, viewers_of, visible_names

_WRITE = write(Section.IDENTITY)
_KIN = Page(
    "survivor", _("Somebody of her family"),
    _("Write what is known and what helps. Nothing here is required but who it is to her."), _("Saved."), "case-family",
    Section.IDENTITY, FamilyMember, actions.WHO,
)  # fmt: skip
_PERSON = replace(
    _KIN, heading=_("Somebody who stands by her"), model=SupportContact,
    lead=_("A friend, a neighbour, a sponsor. To contact one of them is to reach out, too: her wish comes first."),
)  # fmt: skip


def _only_inside(request: SignedInRequest, case: Case) -> None:
    """A release speaks of her, and of nobody else: what an outsider needs of them is told by a person."""
    if not kin.is_own(request.user, case):
        raise Refused(read(Section.IDENTITY))


def card_of(reader: User, case: Case, row: Survivor) -> dict[str, Any] | None:
    """What the survivor's page and the overview say of her family: numbers alone. None where it is not the reader's."""
    if not kin.is_own(reader, case) or not holding_of(case).reads(Section.IDENTITY):
        return None
    return {"family": kin.count(_family(case, row)), "people": len(kin.supporters_of(case))}


def _family(case: Case, row: Survivor | None) -> list[kin.Kin]:
    today = timezone.localdate(clock.now())
    is_minor = minors.is_minor(row, case.alerts or [], today) if row is not None else None
    return kin.family_of(case, she_is_minor=is_minor, is_confidential=_is_confidential(case))


@require_safe
@guarded(read(Section.IDENTITY))
def family(request: SignedInRequest, case: Case) -> HttpResponse:
    """Both lists, with what must be known before anybody of them is contacted."""
    _only_inside(request, case)

    def build() -> dict[str, Any]:
        lines = _family(case, access.records(Survivor, case).first())
        return {
            "family": lines,
            "count": kin.count(lines),
            "supporters": kin.supporters_of(case),
            "may_write": holding_of(case).writes(Section.IDENTITY) and not case.is_closed,
            "names": visible_names(request.user, case, viewers_of(case), Section.IDENTITY),
        }

    return render_case(request, case, "survivor", "cases/kin/family.html", build)


# ---- Family ----


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(_WRITE)
def member_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Somebody of her family, for the first time."""
    _only_inside(request, case)
    form = FamilyMemberForm(request.POST if request.method == "POST" else None)

    def act() -> FamilyMember:
        return actions.add_family_member(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, who=form.answers
        )

    return _new(request, case, form, act, _KIN, prepare=lambda: _block_where(case, form))


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(_WRITE)
def member(request: SignedInRequest, case: Case, family_member_uid: UUID) -> HttpResponse:
    """Change what is known of somebody of her family."""
    _only_inside(request, case)
    row = _standing(FamilyMember, case, family_member_uid)

    def save(form: Any) -> FamilyMember:
        return actions.change_family_member(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, member_uid=row.uid,
            who=form.answers, mark=form.cleaned_data["mark"] or None,
        )  # fmt: skip

    def initial(one: FamilyMember) -> dict[str, Any]:
        # A place that may no longer stand here is not offered again: saving the page removes it.
        return FamilyMemberForm.initial_of(kin.without_hers(one.who) if _is_confidential(case) else one.who)

    return edit(
        request, case, _KIN, make_form=FamilyMemberForm, initial=initial, save=save,
        prepare=lambda form, _row: _block_where(case, form), find=lambda: row,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(_WRITE)
def member_end(request: SignedInRequest, case: Case, family_member_uid: UUID) -> HttpResponse:
    """Take somebody of her family off the list, with the reason."""
    row = _standing(FamilyMember, case, family_member_uid)
    return _ending(
        request, case, row, lambda **facts: actions.end_family_member(member_uid=row.uid, **facts),
        lambda: [one.name or one.relation for one in _family(case, None) if one.row.pk == row.pk],
    )  # fmt: skip


def _is_confidential(case: Case) -> bool:
    return address_is_confidential(case, list(case.alerts or []), clock.now())


def _block_where(case: Case, form: Any) -> None:
    if _is_confidential(case):
        form.block_where()


# ---- The people who stand by her ----


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(_WRITE)
def supporter_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Somebody who stands by her, for the first time."""
    _only_inside(request, case)
    form = SupporterForm(request.POST if request.method == "POST" else None)
    form.keep_ways([])

    def act() -> SupportContact:
        return actions.add_supporter(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, who=form.who,
            reached_by=form.reached_by,
        )  # fmt: skip

    return _new(request, case, form, act, _PERSON)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(_WRITE)
def supporter(request: SignedInRequest, case: Case, support_contact_uid: UUID) -> HttpResponse:
    """Change what is known of somebody who stands by her. No number is shown here."""
    _only_inside(request, case)
    row = _standing(SupportContact, case, support_contact_uid)

    def save(form: Any) -> SupportContact:
        return actions.change_supporter(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, person_uid=row.uid, who=form.who,
            reached_by=form.reached_by, mark=form.cleaned_data["mark"] or None,
        )  # fmt: skip

    def prepare(form: Any, one: SupportContact) -> None:
        form.keep_ways([name for name in PERSON_REACHED_BY if is_answered((one.reached_by or {}).get(name))])

    def initial(one: SupportContact) -> dict[str, Any]:
        return {name: one.who[name] for name in PERSON if name in one.who}

    return edit(
        request, case, _PERSON, make_form=SupporterForm, initial=initial, save=save, prepare=prepare, find=lambda: row
    )


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(_WRITE)
def supporter_end(request: SignedInRequest, case: Case, support_contact_uid: UUID) -> HttpResponse:
    """Take somebody who stands by her off the list, with the reason."""
    row = _standing(SupportContact, case, support_contact_uid)
    return _ending(
        request, case, row, lambda **facts: actions.end_supporter(person_uid=row.uid, **facts),
        lambda: [kin.supporter(row).name],
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(read(Section.IDENTITY))
def supporter_reach(request: SignedInRequest, case: Case, support_contact_uid: UUID) -> HttpResponse:
    """Her rule and this person's line, what stands against it, and the words that one has read both. No number stands here."""
    _only_inside(request, case)
    row = _standing(SupportContact, case, support_contact_uid)
    form = ContactForm(request.POST if request.method == "POST" else None)
    form.speak_of_person()
    made = done(
        request, form,
        lambda: actions.begin_contact_with(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, person_uid=row.uid, **form.facts
        ),
        words=str(_("On record.")),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("case-contact-attempt", args=[case.uid, made.uid]))

    def build() -> dict[str, Any]:
        rules = access.records(ContactInstruction, case).filter(ended_at__isnull=True)
        standing = rules.order_by("-pk").first()
        against = actions.against_person(
            standing.rule if standing else None, standing.verified_on if standing else None, row.who,
            ContactChannel.PHONE, clock.now(),
        )  # fmt: skip
        form.suggest(ContactChannel.PHONE)
        return {
            "form": form,
            "person": kin.supporter(row),
            "rule": instruction_in_words(standing, reads_value=False) if standing else None,
            "against": [one.label for one in against],
            "alerts": standing_alerts(case),
        }

    return render_case(request, case, "survivor", "cases/kin/reach.html", build, status=422 if form.errors else 200)


# ---- What both share ----


def _standing(model: Any, case: Case, uid: UUID) -> Any:
    """Somebody who is still on the list. Raises Hidden, Refused."""
    row = access.get_record(model, case, uid)
    if row.ended_at is not None:
        raise Hidden
    return row


def _new(
    request: SignedInRequest, case: Case, form: Any, act: Callable[[], Any], page: Page,
    prepare: Callable[[], None] | None = None,
) -> HttpResponse:  # fmt: skip
    """The form for somebody new, and what it made."""
    if done(request, form, act, words=page.done) is not None:
        return HttpResponseRedirect(reverse(page.back, args=[case.uid]))

    def build() -> dict[str, Any]:
        if prepare is not None:
            prepare()
        names = visible_names(request.user, case, viewers_of(case), page.section)
        return {"page": page, "form": form, "names": names, "kept": None}

    return render_case(
        request, case, page.tab, "cases/survivor_edit.html", build, status=422 if form.errors else 200
    )  # fmt: skip


def _ending(
    request: SignedInRequest, case: Case, row: Any, act: Callable[..., Any], name: Callable[[], list[str]]
) -> HttpResponse:
    """The page on which somebody is taken off the list. ``name()`` runs while the case is open."""
    _only_inside(request, case)
    form = KinEndForm(request.POST if request.method == "POST" else None)

    def end() -> Any:
        return act(
            actor=request.user,
            now=clock.now(),
            form_key=form.key,
            case_uid=case.uid,
            reason=form.cleaned_data["reason"],
        )

    if done(request, form, end, words=str(_("Taken off the list."))) is not None:
        return HttpResponseRedirect(reverse("case-family", args=[case.uid]))
    return render_case(
        request, case, "survivor", "cases/kin/end.html", lambda: {"form": form, "names": name()},
        status=422 if form.errors else 200,
    )  # fmt: skip
