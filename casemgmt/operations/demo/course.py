"""The course of a case: casework, its legal matters, who may see it, and who looks."""

from datetime import date, datetime, timedelta

from casemgmt.access.sections import Section, write
from casemgmt.accounts.cast import INTERPRETERS
from casemgmt.accounts.choices import Language
from casemgmt.operations.demo import acts
from casemgmt.operations.demo.casework import Casework
from cases import access
from cases.actions import (
    bookings,
    delegation,
    disclosures,
    emergency,
    grants,
    linking,
    partners,
    producing,
    releases,
    subject_requests,
    walls,
)
from cases.actions.contacts import SaidOfContact, link_contact
from cases.actions.other_people import SaidOfOther, change_other_person, end_other_person, note_other_person
from cases.actions.proceedings import CourtFacts, HerSide, join_proceeding
from cases.choices.releases import DisclosureHow, InfoCategory, ProcessKind
from cases.choices.sharing import EmergencyFinding, GrantKind, Purpose
from cases.models import Case, CaseLink
from services.actions import legal


class Course(Casework):
    """Everything that can happen in one case; each method plans one act, ``ago`` counts days before now."""

    def other_person(self, ago: int, clock: str, name: str, said: SaidOfOther) -> None:
        """Somebody else of whom she spoke is written down; ``name`` is what the story calls the entry."""
        self.plan(
            ago, clock,
            lambda now: note_other_person(actor=self.worker, now=now, case_uid=self.uid, said=said), name=name,
        )  # fmt: skip

    def other_changed(self, ago: int, clock: str, name: str, said: SaidOfOther) -> None:
        """More is known of somebody, or a court has gone on."""
        self.plan(
            ago, clock,
            lambda now: change_other_person(
                actor=self.worker, now=now, case_uid=self.uid, person_uid=self.made[name], said=said
            ),
        )  # fmt: skip

    def other_ended(self, ago: int, clock: str, name: str, reason: str) -> None:
        """Somebody is no longer listed."""
        self.plan(
            ago, clock,
            lambda now: end_other_person(
                actor=self.worker, now=now, case_uid=self.uid, person_uid=self.made[name], reason=reason
            ),
        )  # fmt: skip

    def proceeding(self, ago: int, clock: str, facts: CourtFacts, side: HerSide) -> None:
        """A court works on what was done to her."""
        self.plan(
            ago, clock,
            lambda now: join_proceeding(actor=self.worker, now=now, case_uid=self.uid, facts=facts, side=side),
        )  # fmt: skip

    def contact(self, ago: int, clock: str, words: str, said: SaidOfContact) -> None:
        """Somebody at another organisation has to do with her."""
        self.plan(
            ago, clock,
            lambda now: link_contact(actor=self.worker, now=now, case_uid=self.uid, words=words, said=said),
        )  # fmt: skip

    # ---- legal

    def matter(
        self, ago: int, clock: str, name: str, title: str, matter_type: str, jurisdiction: str, stage: str
    ) -> None:
        """A legal matter; ``name`` is what the story calls it."""
        self.plan(
            ago, clock,
            lambda now: legal.open_matter(
                actor=self.worker, now=now, case_uid=self.uid, title=title, matter_type=matter_type, jurisdiction=jurisdiction,
                stage=stage, opened_on=now.date(),
            ),
            name=name,
        )  # fmt: skip

    def matter_stage(self, ago: int, clock: str, name: str, stage: str, *, by: str = "") -> None:
        """The matter moves on."""
        self.plan(
            ago, clock,
            lambda now: legal.change_stage(actor=self.who(by), now=now, matter_uid=self.made[name], stage=stage),
        )  # fmt: skip

    def deadline(
        self,
        ago: int,
        clock: str,
        name: str,
        title: str,
        *,
        due: date,
        kind: str,
        authority: str,
        by: str = "",
        met: int | None = None,
    ) -> None:
        """A date by which something must be done."""
        key = f"deadline {len(self.telling.planned)}"
        self.plan(
            ago, clock,
            lambda now: legal.add_deadline(
                actor=self.who(by), now=now, matter_uid=self.made[name], due_on=due, kind=kind, title=title, authority=authority
            ),
            name=key,
        )  # fmt: skip
        if met is not None:
            self.plan(
                met, "14:50",
                lambda now: legal.meet_deadline(actor=self.who(by), now=now, deadline_uid=self.made[key]),
            )  # fmt: skip

    def hearing(
        self, ago: int, clock: str, name: str, hearing_type: str, *, on: int, at: str, place: str, by: str = "", interpreter: bool = True,
        must_attend: bool = True,
    ) -> None:  # fmt: skip
        """A hearing or appointment, with the court's own time zone."""
        self.plan(
            ago, clock,
            lambda now: legal.add_hearing(
                actor=self.who(by), now=now, matter_uid=self.made[name], starts_at=self.telling.moment(on, at),
                time_zone="America/New_York", hearing_type=hearing_type, place=place, must_attend=must_attend,
                interpreter_needed=interpreter,
            ),
        )  # fmt: skip

    def filing(self, ago: int, clock: str, name: str, title: str, receipt: str, *, by: str, document: str = "") -> None:
        """Something filed, in the attorney's own file."""
        self.plan(
            ago, clock,
            lambda now: legal.add_filing(
                actor=self.who(by), now=now, matter_uid=self.made[name], title=title, receipt=receipt, filed_on=now.date(),
                document_uid=self.made[document] if document else None,
            ),
        )  # fmt: skip

    def close_matter(self, ago: int, clock: str, name: str, outcome: str, *, by: str = "") -> None:
        """The matter ends."""
        self.plan(
            ago, clock,
            lambda now: legal.close_matter(
                actor=self.who(by), now=now, matter_uid=self.made[name], outcome=outcome, closed_on=now.date()
            ),
        )  # fmt: skip

    # ---- who may see it

    def give(
        self, ago: int, clock: str, kind: GrantKind, person: str, *, by: str = "", matter: str = "", reason: str = ""
    ) -> None:
        """A colleague of the house gets access."""
        self.plan(
            ago, clock,
            lambda now: grants.give_access(
                actor=self.who(by), now=now, case_uid=self.uid, kind=kind, person=self.who(person), reason=reason,
                matter_uid=self.made[matter] if matter else None,
            ),
        )  # fmt: skip

    def wall(self, ago: int, clock: str, person: str, *, by: str) -> None:
        """Somebody is kept away from the case."""
        self.plan(
            ago,
            clock,
            lambda now: walls.place_wall(actor=self.who(by), now=now, case_uid=self.uid, person=self.who(person)),
        )

    def restrict(self, ago: int, clock: str, *, by: str = "") -> None:
        """Only named people from now on."""
        self.plan(
            ago, clock,
            lambda now: walls.restrict_case(actor=self.who(by), now=now, case_uid=self.uid, is_restricted=True),
        )  # fmt: skip

    def release(
        self, ago: int, clock: str, recipient: str, purpose: Purpose, why: str, categories: list[InfoCategory], *, days: int,
        withdrawn: int | None = None, name: str = "",
    ) -> None:  # fmt: skip
        """She allows another organisation to learn something, and may take it back. ``name``: as the story calls it."""
        name = name or f"release {len(self.telling.planned)}"
        self.plan(
            ago, clock,
            lambda now: releases.record_release(
                actor=self.worker, now=now, case_uid=self.uid, recipient=self.telling.organisations[recipient], purpose=purpose,
                purpose_text=why, terms=releases.Terms(categories=list(categories)), signing=self.signing(now),
                expires_at=now + timedelta(days=days),
            ),
            name=name,
        )  # fmt: skip
        if withdrawn is not None:
            self.plan(
                withdrawn, "10:35",
                lambda now: releases.withdraw_release(actor=self.worker, now=now, release_uid=self.made[name], how="ORAL"),
            )  # fmt: skip

    def release_for_attorney(
        self, ago: int, clock: str, attorney: str, matter: str, why: str, categories: list[InfoCategory], *, ends: int
    ) -> None:
        """Her release for an outside attorney, and the matter with it."""
        self.plan(
            ago, clock,
            lambda now: releases.record_release_for_attorney(
                actor=self.worker, now=now, case_uid=self.uid, matter_uid=self.made[matter], attorney=self.who(attorney),
                purpose_text=why, terms=releases.Terms(categories=list(categories)), signing=self.signing(now),
                expires_at=self.telling.now + timedelta(days=ends),
            ),
        )  # fmt: skip

    def end_engagement(self, ago: int, clock: str, attorney: str, matter: str) -> None:
        """The work of an outside attorney is over; her own file stays to be read for a while."""
        self.plan(
            ago, clock,
            lambda now: grants.revoke_access(
                actor=self.worker, now=now, grant_uid=access.every_grant().get(
                    person=self.who(attorney), matter__uid=self.made[matter], release=None,
                ).uid,
            ),
        )  # fmt: skip

    def signing(self, now: datetime) -> releases.Signing:
        """How she signed: in her language, with everything said that must be said."""
        language = self.figure.language
        return releases.Signing(
            language=language, interpreter="" if language == "en" else INTERPRETERS, is_read_aloud=True,
            risks_discussed=True, not_conditioned=True, revocable_explained=True, copy_given=True, signed_on=now.date(),
            kept_where="Paper file, cabinet 2",
        )  # fmt: skip

    def refer(self, ago: int, clock: str, person: str, release: str) -> None:
        """A partner's person gets what a release names; what needs two people waits."""
        self.plan(
            ago, clock,
            lambda now: partners.give_partner_access(
                actor=self.worker, now=now, case_uid=self.uid, kind=GrantKind.REFERRAL, release_uid=self.made[release],
                person=self.who(person),
            ),
        )  # fmt: skip

    def disclose(self, ago: int, clock: str, release: str, categories: list[InfoCategory]) -> None:
        """Something was told on the telephone, under a release."""
        self.plan(
            ago, clock,
            lambda now: disclosures.disclose_by_release(
                actor=self.worker, now=now, case_uid=self.uid, release_uid=self.made[release],
                given=disclosures.Given(categories=list(categories), how=DisclosureHow.SPOKEN, given_on=now.date()),
            ),
        )  # fmt: skip

    def book(self, ago: int, clock: str, person: str, place: str, *, alias: str) -> None:
        """An interpreter is booked for the next ten or three o'clock, so that she can read it already."""
        today = self.telling.now.replace(minute=0, second=0, microsecond=0)
        clocks = (today.replace(hour=hour) + timedelta(days=day) for day in (0, 1) for hour in (10, 15))
        starts = next(clock for clock in clocks if clock > self.telling.now + timedelta(hours=2))
        self.plan(
            ago, clock,
            lambda now: bookings.book(
                actor=self.worker, now=now, case_uid=self.uid, person=self.who(person), starts_at=starts,
                ends_at=starts + timedelta(hours=1), language=str(Language(self.figure.language).label), alias=alias, place=place,
            ),
        )  # fmt: skip

    def lend(self, ago: int, clock: str, colleague: str, *, days: int) -> None:
        """A colleague stands in until so many days from now."""
        self.plan(
            ago, clock,
            lambda now: delegation.delegate_access(
                actor=self.worker, now=now, colleague=self.who(colleague), until=self.telling.now + timedelta(days=days),
                case_uids=[self.uid],
            ),
        )  # fmt: skip

    def emergency(self, ago: int, clock: str, person: str, why: str) -> None:
        """Somebody opens the case by its number, for an hour."""
        self.plan(
            ago, clock,
            lambda now: emergency.take_emergency_access(
                actor=self.who(person), now=now, reason=why, number=access.for_the_house(Case).get(uid=self.uid).number
            ),
            name="emergency",
        )  # fmt: skip

    def emergency_reviewed(self, ago: int, clock: str, by: str, words: str) -> None:
        """The supervisor has looked at it: it was needed."""
        self.plan(
            ago, clock,
            lambda now: emergency.review_emergency(
                actor=self.who(by), now=now, opened_uid=self.made["emergency"], finding=EmergencyFinding.NEEDED, words=words
            ),
        )  # fmt: skip

    def subpoena(self, ago: int, clock: str, by: str, issuer: str, *, answer_in: int) -> None:
        """Somebody wants the file; counsel puts it on record."""
        self.plan(
            ago, clock,
            lambda now: disclosures.record_process(
                actor=self.who(by), now=now, case_uid=self.uid, kind=ProcessKind.SUBPOENA, issuer=issuer,
                reference="DEMO-SUB-1", scope="The whole file.", received_on=now.date(), due_on=self.telling.day(-answer_in),
            ),
        )  # fmt: skip

    def produced(
        self, ago: int, clock: str, by: str, issuer: str, *, paper: str, agreed: tuple[int, str, str]
    ) -> None:  # fmt: skip
        """A judge orders a paper; counsel numbers it, and a second person agrees."""
        later, then, second = agreed
        self.plan(
            ago, clock,
            lambda now: disclosures.record_process(
                actor=self.who(by), now=now, case_uid=self.uid, kind=ProcessKind.COURT_ORDER, issuer=issuer,
                reference="DEMO-ORDER-2", scope="The notice of the hearing.", received_on=now.date(),
            ), name="order",
        )  # fmt: skip
        self.plan(
            ago, clock,
            lambda now: producing.prepare_production(
                actor=self.who(by), now=now, case_uid=self.uid, process_uid=self.made["order"], documents=[self.made[paper]],
                categories=[InfoCategory.LEGAL_STATUS], is_minimised=True,
            ), name="production",
        )  # fmt: skip
        self.plan(
            later, then,
            lambda now: producing.decide_production(
                actor=self.who(second), now=now, case_uid=self.uid, production_uid=self.made["production"], approve=True
            ),
        )  # fmt: skip

    def request_of_hers(self, ago: int, clock: str, by: str, kind: str, words: str) -> None:
        """She asks for something by data protection law; it is due in a month."""
        self.plan(
            ago, clock,
            lambda now: subject_requests.record_request(
                actor=self.who(by), now=now, case_uid=self.uid, kind=kind, words=words, received_on=now.date()
            ),
        )  # fmt: skip

    def joint(self, ago: int, clock: str, kind: str) -> None:
        """The worker links the case with the oldest other open one on which she may write."""

        def join(now: datetime) -> CaseLink:
            hers = access.visible(Case, self.worker, write(Section.CARD)).filter(closed_on__isnull=True)
            other = hers.filter(organisation=self.worker.organisation).exclude(uid=self.uid).order_by("pk").first()
            assert other is not None  # the story has many
            return linking.link_cases(actor=self.worker, now=now, case_uid=self.uid, number=other.number, kind=kind)

        self.plan(ago, clock, join)

    # ---- looking

    def look(self, ago: int, clock: str, *, by: str = "", tab: str = "overview") -> None:
        """Somebody opens the case."""
        self.plan(ago, clock, lambda now: acts.look_at_case(actor=self.who(by), now=now, case_uid=self.uid, tab=tab))

    def look_at_matter(self, ago: int, clock: str, name: str, *, by: str) -> None:
        """Somebody opens the matter."""
        self.plan(ago, clock, lambda now: acts.look_at_matter(actor=self.who(by), now=now, matter_uid=self.made[name]))

    def take_document(self, ago: int, clock: str, name: str, *, by: str = "") -> None:
        """Somebody downloads a document."""
        self.plan(
            ago, clock,
            lambda now: acts.take_document(actor=self.who(by), now=now, case_uid=self.uid, document_uid=self.made[name]),
        )  # fmt: skip

    def turned_away(
        self, ago: int, clock: str, *, by: str, route: str = "case-overview", permission: str = "read_card"
    ) -> None:
        """Somebody asks for a page that is not hers."""
        self.plan(
            ago, clock,
            lambda now: acts.be_turned_away(
                actor=self.who(by), now=now, case_uid=self.uid, route=route, permission=permission
            ),
        )  # fmt: skip
