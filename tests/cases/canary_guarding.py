"""The part of the canaries' walk at the guard desk: walls, declarations, questions, emergencies, bookings, reviews, totals."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils import timezone

from casemgmt.crypto.gate import open_gate
from cases import access
from cases.actions.asking import look_questions_up
from cases.models import (
    AccessGrant,
    AccessRequest,
    Contact,
    Correction,
    Declaration,
    Document,
    EmergencyAccess,
    KnownQuestion,
    PossibleConflict,
    ReviewLine,
    Survivor,
    Wall,
)
from services.models import FollowUp
from tests import make
from tests.accounts import signing_in
from tests.cases.canary_evidence import Browser, EveryGate

#: Typed here, as those of ``canary_words``: made up, and in nobody's code.
WORDS = [
    "Whinchatter went to school with her", "the school of Chiffchaffing is closed", "Wryneckova", "Dabchicken", "Smewlia",
    "1971-04-09", "+12025550155", "at the station by the Curlewgate", "somebody else says the Ruffian",
    "a visit to the Twitery", "she calls from the Puffbridge and nobody answers", "it was right says Snipewell",
    "Call her Lapwinda", "Bench under the Hobbytree", "Swahili of Lammergey", "she stays with it says Goosander",
    "clinic of Merlinton", "Mondays of the Corncrakes", "Kestrelish", "the hold of Garganey is over", "twice the same Pochardson",
    "an attic above Scoterstreet", "she has a Wigeonroom now",
    "her sister-in-law says the Sandgrouse", "+1 202 555 0166",
    "whispers because of the Merlinette", "Mr Redstarter", "Bunting of Dunnockson",
    "she of the Linnethouse", "came with a Fieldfarer",
    "the file beside it, Ptarmigan", "that is hers says Dotterelly",
]  # fmt: skip

sign_in = partial(signing_in.sign_in, is_fresh=True)


class Guarding:
    """The steps. ``walk`` is the walk that has come so far: its case is open and shared."""

    def __init__(self, walk: Any) -> None:
        self.walk, self.cast, self.evidence, self.case = walk, walk.cast, walk.evidence, walk.case

    def as_(self, key: str) -> Browser:
        """The browser of one of the cast."""
        return Browser(sign_in(getattr(self.cast, key)), self.evidence)

    def go(self) -> None:
        """All of it."""
        self.colleague()
        self.wall()
        self.declaration()
        self.conflict()
        self.question()
        self.emergency()
        self.booking()
        self.review()
        self.view()
        self.totals()
        self.callers()
        self.joined()
        self.beside()
        self.correction()

    def colleague(self) -> None:
        """Access for a colleague, with its reason."""
        self.walk.post("access-new", {
            "kind": "CLINICAL", "person": str(self.cast.gita.pk), "reason": "clinic of Merlinton",
        })  # fmt: skip

    def wall(self) -> None:
        """Somebody who knows her is kept away, and then no more."""
        kemi = self.as_("kemi")
        kemi.post(reverse("wall-new"), {
            "number": self.case.number, "person": str(self.cast.nadia.pk), "kind": "KNOWS_SURVIVOR",
            "reason": "Whinchatter went to school with her",
        })  # fmt: skip
        kemi.get(reverse("walls"))
        placed = access.for_the_house(Wall).get(case__uid=self.case.uid)
        kemi.post(reverse("wall-lift", args=[placed.uid]), {"reason": "the school of Chiffchaffing is closed"})
        kemi.get(reverse("walls"))

    def declaration(self) -> None:
        """Somebody says whom she knows outside work."""
        dana = self.as_("dana")
        dana.post(reverse("people-i-know"), {
            "first_name": "Smewlia", "family_name": "Wryneckova", "other_names": "Dabchicken", "birth_date": "1971-04-09",
            "phone": "+12025550155",
        })  # fmt: skip
        dana.get(reverse("people-i-know"))

    def conflict(self) -> None:
        """Somebody writes down her own telephone; another has it on this case by chance, and the officer answers."""
        ines, kemi = self.as_("ines"), self.as_("kemi")
        ines.post(reverse("my-telephones"), {"phone": "+1 202 555 0166"})
        ines.get(reverse("my-telephones"))
        found = PossibleConflict(
            case=self.case,
            person=self.cast.ines,
            likeness="PHONE",
            fingerprint=1,
            found_at=timezone.now(),
            section="DUTIES",
        )
        found.save()
        kemi.get(reverse("possible-conflicts"))
        path = reverse("possible-conflict", args=[found.uid])
        kemi.get(path)
        kemi.post(
            path, {"answer": "NO_CONFLICT", "kind": "CONFLICT", "reason": "her sister-in-law says the Sandgrouse"}
        )
        kemi.get(reverse("possible-conflicts"))

    def question(self) -> None:
        """Two questions: one is passed on and declined, one still waits to be looked up."""
        dana, mara = self.as_("dana"), self.as_("mara")
        asked = {"first_name": "Zarquella", "family_name": "Canarywood", "reason": "at the station by the Curlewgate"}
        dana.post(reverse("known"), asked)
        look_questions_up()
        found = access.for_the_house(AccessRequest).get(case__uid=self.case.uid)
        mara.get(reverse("match-queue"))
        mara.post(reverse("known-answer", args=[found.question.uid]), {"answer": "pass", "case": str(found.uid)})
        amina, path = self.walk.amina, reverse("case-request", args=[self.case.uid, found.uid])
        amina.get(path)
        amina.post(path, {"answer": "decline", "decline-reason": "somebody else says the Ruffian"})
        dana.post(
            reverse("known"), {"first_name": "Kestrelish", "family_name": "Smewlia", "reason": "a visit to the Twitery"}
        )
        dana.get(reverse("known"))

    def emergency(self) -> None:
        """An hour of emergency access, and its review."""
        dana, bea = self.as_("dana"), self.as_("bea")
        dana.post(reverse("emergency"), {
            "number": self.case.number, "reason": "she calls from the Puffbridge and nobody answers",
        })  # fmt: skip
        opened = access.for_the_house(EmergencyAccess).get(case__uid=self.case.uid)
        path = reverse("emergency-review", args=[opened.uid])
        bea.get(path)
        bea.post(path, {"finding": "NEEDED", "words": "it was right says Snipewell"})
        bea.get(path)

    def booking(self) -> None:
        """An interpreter for one appointment, who sees it."""
        starts = timezone.localtime() + timedelta(hours=3)
        self.walk.post("booking-new", {
            "person": str(self.cast.petra.pk), "starts_at": starts.strftime("%Y-%m-%dT%H:%M"),
            "ends_at": (starts + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"), "other_language": "Swahili of Lammergey",
            "alias": "Call her Lapwinda", "place": "Bench under the Hobbytree",
        })  # fmt: skip
        self.walk.amina.get(reverse("case-bookings", args=[self.case.uid]))
        self.as_("petra").get(reverse("bookings"))

    def review(self) -> None:
        """The quarter's look at who has access."""
        kemi, bea = self.as_("kemi"), self.as_("bea")
        begun = kemi.post(reverse("access-reviews"), {"team": str(self.cast.team_of("amina").pk)}).url
        bea.get(begun)
        line = access.for_the_house(ReviewLine).get(case__uid=self.case.uid, grant__person=self.cast.amina)
        path = reverse("access-review-line", args=[line.review.uid, line.uid])
        bea.post(path, {"decision": "KEEP", "reason": "she stays with it says Goosander"})
        bea.get(path)

    def view(self) -> None:
        """A list under a name."""
        amina = self.walk.amina
        amina.post(reverse("case-view-save"), {"name": "Mondays of the Corncrakes", "query": "status=ACTIVE"})
        amina.get(reverse("cases"))

    def beside(self) -> None:
        """What the other steps leave empty: a paper withdrawn, a follow-up, and where somebody stays who is in no shelter."""
        amina = self.walk.amina
        kept = access.for_the_house(Document).filter(case__uid=self.case.uid, section="IDENTITY")
        paper = kept.get(quarantined_at__isnull=True)
        self.walk.post("case-document-withdraw", {"why_withdrawn": "twice the same Pochardson"}, paper.uid)
        amina.get(reverse("case-documents", args=[self.case.uid]))
        self.walk.post("follow-ups-plan", {"exit_on": timezone.localdate().isoformat()})
        done = {"state": "COMPLETED", "done_on": timezone.localdate().isoformat(), "words": "she has a Wigeonroom now"}
        self.walk.post("follow-up-done", done, self.walk.one(FollowUp).uid)
        amina.get(reverse("case-reintegration", args=[self.case.uid]))
        other = make.case(self.cast.amina, self.cast.team_of("amina"))
        self.as_("bea").post(reverse("access-new", args=[other.uid]), {
            "kind": "ASSIGNMENT", "person": str(self.cast.amina.pk), "with_location": "on", "reason": "She drives her there",
        })  # fmt: skip
        amina.post(reverse("case-location", args=[other.uid]), {"location": "an attic above Scoterstreet"})
        amina.get(reverse("case-location", args=[other.uid]))

    def correction(self) -> None:
        """Something is said to stand in the wrong record, and the second person leaves it."""
        other = make.case(self.cast.amina, self.cast.team_of("amina"))
        hers = access.for_the_house(Survivor).get(case=other)
        path = reverse("case-record-versions", args=[other.uid, hers.uid])
        amina, bea = self.walk.amina, self.as_("bea")
        amina.post(f"{path}wrong/?kind=survivor&version=1", {"version": "1", "reason": "the file beside it, Ptarmigan"})
        waits = access.for_the_house(Correction).get(case=other)
        decide = reverse("correction-decide", args=[waits.uid])
        bea.get(decide)
        bea.post(decide, {"decision": "DECLINE", "reason": "that is hers says Dotterelly"})
        amina.get(path)

    def totals(self) -> None:
        """Totals without persons: nothing of them is anybody's, so nothing of them is a word of the table."""
        day = timezone.localdate().isoformat()
        self.as_("ines").post(reverse("totals-new"), {
            "kind": "STATISTICS", "recipient": "Statistics office", "period_from": day, "period_until": day, "how": "LETTER",
            "given_on": day, "is_without_persons": "on",
        })  # fmt: skip

    def callers(self) -> None:
        """A call without a name, and somebody who asks about a person."""
        amina, jonas, at = self.as_("amina"), self.as_("jonas"), timezone.localtime().strftime("%Y-%m-%dT%H:%M")
        amina.post(reverse("caller-new"), {
            "at": at, "need": "PAPERS", "safety": "NO", "outcome": "OPEN", "words": "whispers because of the Merlinette",
        })  # fmt: skip
        made = access.for_the_house(Contact).latest("pk")
        amina.get(reverse("caller", args=[made.uid]))
        amina.get(reverse("callers"))
        jonas.post(reverse("inquiries"), {
            "at": at, "kind": "POLICE", "way": "DOOR", "answer": "SCRIPT", "safety": "YES", "who": "Mr Redstarter",
            "organisation": "Bunting of Dunnockson", "about": "she of the Linnethouse", "words": "came with a Fieldfarer",
        })  # fmt: skip
        jonas.get(reverse("inquiries"))

    def joined(self) -> None:
        """A case that belongs to another one."""
        other = make.case(self.cast.amina, self.cast.team_of("amina"))
        self.walk.post("case-links", {"number": other.number, "kind": "SIBLINGS"})
        self.walk.amina.get(reverse("case-links", args=[self.case.uid]))

    def read_back(self) -> None:
        """What no page shows again: what was said to the house, for those alone who decide."""
        with open_gate(EveryGate()):
            rows = [
                *access.for_the_house(Declaration), *access.for_the_house(AccessRequest).filter(case__uid=self.case.uid),
                *access.for_the_house(KnownQuestion), *access.for_the_house(AccessGrant).filter(case__uid=self.case.uid),
            ]  # fmt: skip
            for row in rows:
                self.evidence.pages.append(" ".join(str(value) for value in sealed_values(row).values()))


def sealed_values(row: Any) -> dict[str, Any]:
    """What a row has sealed, by fid. Inside an open gate."""
    return {field.fid: getattr(row, field.name) for field in row._meta.concrete_fields if hasattr(field, "fid")}
