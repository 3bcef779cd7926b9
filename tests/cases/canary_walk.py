"""Known words typed into the real pages, as people type them: one walk through all rooms, of which nothing stays."""

from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any
from unittest import mock
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from audit.context import audit_context
from casemgmt.accounts.held import open_held
from casemgmt.accounts.models import HeldForm
from casemgmt.operations import tasks
from cases import access
from cases.actions import imports
from cases.choices.documents import DocumentCategory
from cases.htcds.codes import ConsentPrompt
from cases.models import (
    BreachCase,
    Case,
    CaseAlert,
    ContactAttempt,
    Document,
    ErasureOrder,
    ImportBatch,
    ImportRow,
    LegalHold,
    LegalProcess,
    MandatedReport,
    Note,
    Production,
    Release,
    SupportContact,
)
from cases.opening import open_case
from cases.views import documents, safety
from services.models import Goal, Need, ServicePlan, ShelterStay
from tests import make
from tests.accounts import signing_in
from tests.cases.canary_counsel import Counsel
from tests.cases.canary_evidence import Browser, Everything, Evidence, taken_back
from tests.cases.canary_guarding import Guarding
from tests.cases.canary_words import CAMERA, LETTER, PHOTO, QUOTED, SOUGHT
from tests.cases.htcds import sheets
from tests.cast import Cast
from tests.smtp_sink import SmtpSink

#: Everybody has just shown the second factor once more: exports and approvals ask for it.
sign_in = partial(signing_in.sign_in, is_fresh=True)


def walk() -> Evidence:
    """Make the walk in both databases, look everywhere, and take everything back."""
    evidence = Evidence()
    with ExitStack() as stack:
        stack.enter_context(taken_back())
        stack.enter_context(audit_context("test", "a walk"))
        stack.enter_context(Everything(evidence).listening())
        sink = stack.enter_context(SmtpSink())
        server = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": sink.port, "EMAIL_USE_TLS": False, "EMAIL_HOST_USER": ""}
        backend = "django.core.mail.backends.smtp.EmailBackend"
        stack.enter_context(override_settings(EMAIL_BACKEND=backend, CASE_SEARCH="index", **server))
        Walk(evidence, Cast()).go()
        evidence.letters = list(sink.letters)
        evidence.gather()
    return evidence


class Walk:
    """The steps, in the order in which a case grows."""

    def __init__(self, evidence: Evidence, cast: Cast) -> None:
        self.evidence, self.cast = evidence, cast
        self.today = timezone.localdate()
        self.soon = (self.today + timedelta(days=20)).isoformat()
        self.amina = Browser(sign_in(cast.amina), evidence)
        self.case: Any = None
        self.matter: Any = None

    def go(self) -> None:
        """All of it."""
        self.intake()
        self.survivor()
        self.safety_and_notes()
        self.papers()
        self.erasing()
        counsel = Counsel(self)
        counsel.legal()
        self.services()
        self.sharing()
        counsel.attorney()
        self.desk()
        self.duties()
        guarding = Guarding(self)
        guarding.go()
        self.sheet()
        self.leaving()
        self.going_wrong()
        guarding.read_back()
        self.read_back()

    def post(self, name: str, fields: dict[str, Any], *more: Any, expected: int = 302) -> Any:
        """Send a form of the case."""
        return self.amina.post(reverse(name, args=[self.case.uid, *more]), fields, expected)

    def one(self, model: Any) -> Any:
        """The newest record of a kind in this case."""
        return model._base_manager.filter(case__uid=self.case.uid).order_by("-pk").first()

    def intake(self) -> None:
        """Look first, then the minimum; a wrong answer once; a draft on the way."""
        found = self.amina.post(
            reverse("intake"), {"first_name": "Zarquella", "second_name": "Canarywood", "phone": ""}
        )
        self.amina.get(found.url)
        facts = {
            "contact_channel": "SMS", "contact_rule": "only when the lamp is lit", "contact_value": "+12025550199",
            "language": "en", "consent_state": "PENDING", "status": "ACTIVE", "opened_on": self.today.isoformat(),
            "team": str(self.cast.team_of("amina").uid), "first_name": "Zarquella", "second_name": "Canarywood",
        }  # fmt: skip
        page = reverse("intake-form", args=[uuid4()])
        self.amina.post(page, {**facts, "language": "xx-none", "other_names": "Bootgrackle"}, 422)
        self.amina.post(page, facts)
        self.case = access.for_the_house(Case).order_by("-pk").first()
        self.evidence.uid = self.case.uid

    def survivor(self) -> None:
        """Who she is, how to reach her, what happened."""
        self.post("case-identity", {
            "first_name": "Zarquella", "second_name": "Canarywood", "other_names": "زرقاء الكناري", "birth_date": "1987-11-23",
            "x_BirthdatePrecision": "EXACT", "prs_Citizenship_0": "PH", "prs_NumberOfChildren_1": "DECLINED",
        })  # fmt: skip
        self.post("case-names", {
            "x_ScriptName": "Розалия Зябликова", "x_Script": "Cyrl", "x_ForcedName": "Goldcrestina", "x_OwnPronouns": "wrynecker",
        })  # fmt: skip
        self.post("case-languages", {
            "x_Spoken1": "tl", "x_Dialect1": "Treepipitan", "x_InterpreterAvoid": "nobody of Dipperhaven", "x_Interpreter": "YES",
        })  # fmt: skip
        self.post("case-minority", {
            "x_Guardian": "Fieldfarer Junia", "x_GuardianIs": "an aunt of Whinchatted", "x_School": "Bramblingford School",
        })  # fmt: skip
        self.post("case-contact-details", {
            "prs_MobilePhone": "+12025550199", "prs_Email": "canary@quillmoor.example",
            "safe_address": "PO Box Sparrowgate",
        })  # fmt: skip
        self.post(
            "case-protection",
            {
                "a_number": "A000777000",
                "receipt_number": "QZX0000777000",
                "note": "Thornbeak",
                "passport": "PKNOT000333",
            },
        )
        self.post("case-profile", {"vic_LocationOfRecruitment": "Finchley Gate"}, "recruitment")
        self.post("case-profile", {
            "vic_TraffickingStatus": "ActualVictimOfTrafficking", "vic_TraffickingStatusDecisionMakingOrg": "Police",
            "decided_by": "Officer Larkspur", "decided_on": "2026-02-01",
        }, "status")  # fmt: skip
        self.post("case-signs-part", {"s_DECEPTION": "YES", "s_words_means": "a letter from Ouzelmarsh"}, "means")
        self.post("case-talk-step", {"s_LESS_PAY": "YES", "onward": "1"}, "work")
        self.post("case-statement", {"statement": "the blue kettle whistles twice in Grünfinkenweg"})
        self.post("case-consent", {
            "state": "CONSENTED", "told": ConsentPrompt.values, "obtained_on": "2026-03-02", "language": "en",
            "obtained_by": "Amina Rivers", "interpreter": "Interpreter Wrenfield",
        })  # fmt: skip

    def safety_and_notes(self) -> None:
        """The safety plan, notes, a task, a draft that is saved while somebody types."""
        self.post("case-contact", {
            "channel": "SMS", "value": "+12025550199", "words": "only when the lamp is lit", "leave_message": "NO",
            "shared_device": "NO", "hide_number": "YES", "verified_on": "2026-03-02", "do_not_say": "Quarrelsome Lane 17",
        })  # fmt: skip
        self.post("case-family-new", {
            "x_KinName": "Linnetto Zeisig", "x_KinRelation": "CHILD", "x_KinBirthYear": "2019",
            "x_KinWhere": "in the Stonecurlew hills", "x_KinDanger": "the cousin from Dowitcherby",
        })  # fmt: skip
        self.post("case-support-new", {
            "x_PersonName": "Dunnocka of Serinberg", "x_PersonIs": "neighbour at Whinchatgate", "x_PersonMaySpeak": "YES",
            "x_PersonKnows": "HELP", "x_PersonPhone": "+12025550177", "x_PersonEmail": "dunnocka@pipitmoor.example",
            "x_PersonDanger": "he reads the Rosefincher phone",
        })  # fmt: skip
        self.amina.get(reverse("case-family", args=[self.case.uid]))
        begun = self.post(
            "case-support-reach",
            {"channel": "PHONE", "has_read": "on", "reason": "her wish"},
            self.one(SupportContact).uid,
        )
        self.amina.get(begun.url)
        self.post("case-reach", {"channel": "PHONE", "has_read": "on", "reason": "as the Bluethroater asked"})
        self.post(
            "case-contact-attempt",
            {"outcome": "REACHED", "words": "well, says Stonechatter"},
            self.one(ContactAttempt).uid,
        )
        self.post("case-risk-items", {"DEBT": "YES"}, "trafficker")
        self.post("case-risk", {
            "risk_level": "IMMEDIATE", "reason": "Thornbeak was seen at Finchley Gate", "concerns": "the Redpollard cousins",
        })  # fmt: skip
        self.post("case-alert-new", {
            "code": "NO_DISCLOSURE_TO", "severity": "HIGH", "section": "SAFETY", "words": "not the Siskinette office",
        })  # fmt: skip
        self.post("case-alert-seen", {}, self.one(CaseAlert).uid)
        self.post("case-incident-new", {
            "kind": "POLICE", "happened_at": f"{self.today.isoformat()}T00:01", "what": "two men at Warblerstead",
            "done": "rang Twitebury", "told": "the aunt from Godwitham", "follow_up": "ask the Dabchickens",
            "follow_up_on": self.soon,
        })  # fmt: skip
        self.post("case-other-new", {
            "roles": ["Exploiter"], "first_name": "Garganeyson", "known_as": "EMPLOYER", "standing": "ALLEGED",
            "dangers": "keeps a Whinchatter", "part": "took her to Pochardville",
        })  # fmt: skip
        self.amina.get(reverse("case-others", args=[self.case.uid]))
        self.post("case-proceeding-new", {
            "court": "Court of Nightheron", "docket": "CR-Bluetail-7", "charge": "Title Turnstone 1589", "stage": "CHARGED",
            "outcome": "OPEN", "role": "WITNESS", "cooperation": "UNDECIDED", "next_on": self.soon,
            "next_what": "Trial of the Kestreline", "statement": "heard it at Sandpiperton",
        })  # fmt: skip
        self.amina.get(reverse("case-proceedings", args=[self.case.uid]))
        self.post(
            "case-contact-new", {"name": "Sergeant Crakeley", "phone": "999 Tattlerton", "words": "found the Gadwallet"}
        )
        self.amina.get(reverse("case-contacts", args=[self.case.uid]))
        self.post("case-safety-plan", {"SAFE_PLACES": "behind the third linden tree", "copy": "NONE"})
        self.post("case-note-add", {
            "body": "quokka on Thursdays", "privilege_class": "ADVOCATE_CONFIDENTIAL", "note_type": "MEETING",
            "present": ["SURVIVOR", "RELATIVE"], "others": "the aunt from Godwitham", "waiver_is_known": "on",
        })  # fmt: skip
        self.post("case-conference-add", {
            "privilege_class": "SERVICES_NOTE", "body": "sat together at Woodcockery", "here": [str(self.cast.amina.uid)],
            "what_1": "ring the Pipitsford school", "who_1": str(self.cast.amina.uid), "until_1": self.soon,
        })  # fmt: skip
        note = access.for_the_house(Note).get(case=self.case, section="ADVOCACY")
        amended = {"body": "amended by Kittiwakers", "reason": "a second look at the Corncrakery"}
        self.amina.post(reverse("case-note-amend", args=[self.case.uid, note.uid]), amended)
        self.amina.get(reverse("case-note", args=[self.case.uid, note.uid]))
        self.post("case-tasks", {
            "title": "Fetch the turquoise ladder", "due_on": self.soon, "assigned_to": str(self.cast.amina.uid),
        })  # fmt: skip
        draft = reverse("draft", args=["statement", self.case.uid])
        self.amina.post(draft, {"statement": "half a thought about herons"}, 204)
        self.evidence.pages.append(repr(self.amina.get(draft).json()))

    def papers(self) -> None:
        """A long letter, a picture with what the camera wrote, one put into quarantine; looked at while they arrive."""

        def sealing(**facts: Any) -> Any:
            self.evidence.look("upload")
            return sealed(**facts)

        sealed = documents.seal_document
        letter = SimpleUploadedFile("canary-letter.txt", LETTER)
        with mock.patch.object(documents, "seal_document", sealing):
            self.post("case-documents", {"upload": letter, "category": DocumentCategory.OTHER})
        kept = self.one(Document)
        answer = self.amina.get(reverse("case-document", args=[self.case.uid, kept.uid]))
        pieces = iter(answer.streaming_content)
        first = next(pieces)
        self.evidence.look("download")
        assert first + b"".join(pieces) == LETTER
        for name in ("picture-of-a-Jabiruhouse.jpg", "canary-letter.jpg"):
            upload = SimpleUploadedFile(name, PHOTO)
            self.post("case-documents", {"upload": upload, "category": DocumentCategory.IDENTITY_DOCUMENT})
        picture = self.one(Document)
        answer = self.amina.get(reverse("case-document", args=[self.case.uid, picture.uid]))
        assert CAMERA.encode() not in b"".join(answer.streaming_content)
        self.post("case-document-quarantine", {"understood": "on"}, picture.uid)

    def order(self) -> dict[str, Any]:
        """What the form of an order asks for."""
        return {
            "number": self.case.number, "classes": ["ADVOCACY"], "ground": "HER_REQUEST", "reference": "Order Dotterel 9",
            "reason": "because of the Lapwingate letter",
        }  # fmt: skip

    def erasing(self) -> None:
        """An order of erasure, and its end: she thought better of it."""
        kemi = Browser(sign_in(self.cast.kemi), self.evidence)
        page = kemi.post(reverse("erasure-ask"), self.order()).url
        kemi.get(page)
        ordered = access.for_the_house(ErasureOrder).get(case__uid=self.case.uid)
        kemi.post(reverse("erasure-stop", args=[ordered.uid]), {"reason": "stopped by a Whitethroater"})
        kemi.get(page)

    def services(self) -> None:
        """Help given, a bed, a goal."""
        self.post("service-new", {
            "service": "TRANSPORT", "given_on": self.today.isoformat(), "quantity": "2", "outcome": "PROVIDED", "mode": "FIELD",
            "provider": "Knotsend Cabs", "remark": "fare to Whimbrelton",
        })  # fmt: skip
        self.post("stay-new", {
            "team": str(self.cast.team_of("jonas").pk), "entered_on": self.today.isoformat(), "room": "Room Godwitty",
        })  # fmt: skip
        assert self.one(ShelterStay)
        need = {
            "words": "a stove against the Grebefrost",
            "area": "BASICS",
            "urgency": "URGENT",
            "our_priority": "NEXT",
        }
        self.post("need-new", need)
        settled = {"status": "UNMET", "on": self.today.isoformat(), "barrier": "TRANSPORT"}
        self.post("need-settle", settled, self.one(Need).uid)
        self.post("goal-new", {"title": "to run a bakery of turnstones", "area": "LIVELIHOOD", "target_on": self.soon})
        self.post("goal-progress", {"progress": "40", "words": "two ovens and a Sanderling"}, self.one(Goal).uid)
        planned = {
            "objective": "seen by the Dipperlamp", "action_words": "asks at the Fulmarette", "responsible": "SHE",
            "need_uid": str(self.one(Need).uid),
        }  # fmt: skip
        self.post("goal-plan", planned, self.one(Goal).uid)
        self.post("plan-new", {"her_answer": "AGREED", "answered_on": self.today.isoformat()})
        written = self.one(ServicePlan)
        bea = Browser(sign_in(self.cast.bea), self.evidence)
        decided = {"decision": "SEND_BACK", "remark": "still no word of the Scoterina"}
        bea.post(reverse("plan-decide", args=[self.case.uid, written.uid]), decided)
        bea.get(reverse("plan", args=[self.case.uid, written.uid]))

    def sharing(self) -> None:
        """A release to an attorney, for her matter: what it says, then her signature; and what the law demands."""
        said = {
            "attorney": str(self.cast.chidi.pk), "matter": str(self.matter.uid), "purpose": "LEGAL_REPRESENTATION",
            "purpose_text": "phalarope for her papers", "excluded": "not to Aunt Curlewine", "categories": ["IDENTITY"],
            "expires_on": self.soon, "method": "WRITTEN", "signer": "CLIENT", "language": "en",
            "recipient_role": "the clerk at Plovermere", "subjects": "her son Wheatearling",
        }  # fmt: skip
        self.post("release-new", said, expected=200)
        signed = {
            "risks_discussed": "on", "not_conditioned": "on", "revocable_explained": "on", "evidence": "FILE", "sign": "1",
            "signed_on": self.today.isoformat(), "risks_note": "he might hear of Linnetsby", "interpreter": "Siskinova",
            "kept_where": "behind the Dunlinette", "witness": "Shovelerine", "reason": "",
            "signature": SimpleUploadedFile("canary-letter.png", PHOTO),
        }  # fmt: skip
        self.post("release-new", {**said, **signed})

    def duties(self) -> None:
        """A report that the law demands, a subpoena, a judge's order, and what was given."""
        kemi = Browser(sign_in(self.cast.kemi), self.evidence)
        day = self.today.isoformat()
        sent = kemi.post(reverse("report-new"), {
            "number": self.case.number, "trigger": "CHILD_ABUSE", "jurisdiction": "New York", "agency": "Register of Firecrestia",
            "authority": "Law Whinchat 413", "discovered_on": day, "due_on": day, "reference": "REF-Redstartle",
            "reporter": "Nurse Ptarmigan", "why_not_informed": "he reads her phone, Nuthatcher",
        })  # fmt: skip
        given = {"categories": ["IDENTITY"], "how": "LETTER", "given_on": day, "is_minimised": "on"}
        kemi.post(sent.url, given)
        kemi.post(reverse("process-new"), {
            "number": self.case.number, "kind": "COURT_ORDER", "issuer": "Court of Brambling", "reference": "Order Smewson 4",
            "received_on": day, "scope": "dates of Yellowhammerdale",
        })  # fmt: skip
        kemi.get(reverse("duties"))
        process = self.one(LegalProcess)
        self.post("process-told", {"how": "IN_PERSON", "wishes": "that a judge hears Goldcrestina first"}, process.uid)
        kemi.get(reverse("process", args=[process.uid]))
        self.production(kemi, process)
        asked = kemi.post(reverse("subject-request-new"), {
            "number": self.case.number, "kind": "RECTIFY", "received_on": day, "words": "my name is not Firefinchova",
        })  # fmt: skip
        kemi.post(f"{asked.url}extend/", {"reason": "the file is with the Court of Oriolegate"})
        kemi.post(f"{asked.url}decide/", {
            "decision": "REFUSED", "verified": "IN_PERSON", "ground": "LEGAL_DUTY", "words": "as Dunnockson wrote it",
        })  # fmt: skip
        kemi.get(asked.url)
        found = kemi.post(reverse("breach-new"), {
            "kinds": ["PAPER"], "detected_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"), "tells_award": "on",
        })  # fmt: skip
        kemi.post(f"{found.url}cases/", {"number": self.case.number})
        self.post("breach-told", {"how": "IN_PERSON", "deferred": ""}, self.one(BreachCase).uid)

    def production(self, kemi: Browser, process: LegalProcess) -> None:
        """Counsel chooses a paper for the judge, and the second person declines it with a word."""
        make.colleague(self.case, self.cast.amina, self.cast.luis, "STAFF_COUNSEL")
        paper = make.document(
            self.case, self.cast.luis, LETTER[:62], name="canary-letter.txt", category="COURT", section="LEGAL"
        )
        luis = Browser(sign_in(self.cast.luis), self.evidence)
        luis.get(reverse("production-new", args=[process.uid]))
        luis.post(reverse("production-new", args=[process.uid]), {
            "documents": [paper.uid.hex], "categories": ["LEGAL_STATUS"], "is_minimised": "on",
        })  # fmt: skip
        made = reverse("production", args=[self.one(Production).uid])
        kemi.post(made, {"decision": "DECLINE", "reason": "the page about Avocetbury is too much"})
        luis.get(made)

    def desk(self) -> None:
        """An order that an open matter holds, a hold, a letter of invitation."""
        kemi = Browser(sign_in(self.cast.kemi), self.evidence)
        kemi.post(reverse("erasure-ask"), self.order(), 422)
        kemi.post(reverse("hold-new"), {
            "number": self.case.number, "authority": "SUBPOENA", "classes": ["LEGAL"], "review_on": self.soon,
            "reason": "hold for Stiltwalk v. Avocetti",
        })  # fmt: skip
        kemi.get(reverse("holds"))
        held = access.for_the_house(LegalHold).get(case__uid=self.case.uid)
        kemi.post(reverse("hold-lift", args=[held.uid]), {"reason": "the hold of Garganey is over"})
        kemi.get(reverse("holds"))
        farid = Browser(sign_in(self.cast.farid), self.evidence)
        farid.post(reverse("invite-person"), {
            "name": "Noor Test", "email": "noor@example.org", "language": "en", "roles": ["CASEWORKER"],
            "organisation": str(self.cast.amina.organisation.pk),
        })  # fmt: skip

    def sheet(self) -> None:
        """A case sheet, read by a job of the queue; one job fails with a word in its error."""
        rows = [
            sheets.person(prs_FirstName="Importina", prs_SecondName="Shearwatersen"),
            sheets.person(prs_FirstName="Importina", prs_SecondName="Shearwatersen", prs_Gender="Bootgrackle"),
        ]

        def beginning(**facts: Any) -> Any:
            self.evidence.look("import")
            return begin(**facts)

        begin = imports.understand_rows
        upload = SimpleUploadedFile("canary-letter.xlsx", sheets.official(rows))
        with mock.patch.object(imports, "INLINE_ROWS", 1), mock.patch.object(imports, "PAUSE", 0):
            taken = self.amina.post(reverse("import"), {"sheet": upload, "team": str(self.cast.team_of("amina").uid)})
            batch = access.own(ImportBatch, self.cast.amina).get()
            imports.go_on(batch)
            with mock.patch.object(imports, "understand_rows", side_effect=RuntimeError(f"cannot read {QUOTED}")):
                self.work()
            imports.go_on(batch)
            with mock.patch.object(imports, "understand_rows", beginning):
                self.work()
        for show in ("", "?show=new"):
            self.amina.get(taken.url + show)
        row = access.own(ImportRow, self.cast.amina, "batch__owner").filter(state="BAD").first()
        self.amina.get(reverse("import-row", args=[batch.uid, row.uid]))
        foreign = SimpleUploadedFile("other.csv", b"Header of Wigeonstead,Clan\nOne,Two\n")
        self.amina.post(reverse("import"), {"sheet": foreign, "team": str(self.cast.team_of("amina").uid)})
        chosen = access.own(ImportBatch, self.cast.amina).latest("pk")
        said = {"header_row": "1", "A": "prs_FirstName", "B": "prs_SecondName"}
        self.amina.post(reverse("import-columns", args=[chosen.uid]), said)
        self.amina.post(reverse("import-share", args=[chosen.uid]), {})
        self.amina.get(reverse("import"))

    def work(self) -> None:
        """Run what waits in the queue, as the worker does."""
        row = tasks.claim("a walk")
        assert row is not None
        tasks.run(row)

    def leaving(self) -> None:
        """Searches, an export, a print."""
        self.amina.post(reverse("case-search"), {"q": "Canarywood"})
        self.amina.post(reverse("case-search"), {"q": SOUGHT})
        answer = self.amina.post(reverse("export"), {"profile": "HTCDS_CORE_STRICT", "make": "1"}, 200)
        pieces = iter(answer.streaming_content)
        first = next(pieces)
        self.evidence.look("export")
        self.evidence.pages.append((first + b"".join(pieces)).decode("utf-8-sig"))
        self.amina.get(reverse("case-print", args=[self.case.uid]))

    def going_wrong(self) -> None:
        """A form with a wrong answer, a page that fails, an upload that fails, a form that finds the lock."""
        self.post("case-identity", {"first_name": "Bootgrackle\x00", "birth_date": "x"}, expected=422)
        self.amina.client.raise_request_exception = False
        with mock.patch.object(safety, "_risk", side_effect=RuntimeError(f"cannot show {QUOTED}")):
            self.amina.get(reverse("case-safety", args=[self.case.uid]), 500)
        failing = mock.patch.object(documents, "seal_document", side_effect=OSError(28, f"no room for {QUOTED}"))
        with failing:
            letter = SimpleUploadedFile("canary-letter.txt", LETTER)
            self.post("case-documents", {"upload": letter, "category": DocumentCategory.OTHER}, expected=500)
        self.evidence.look("failed upload")
        self.amina.client.raise_request_exception = True

    def read_back(self) -> None:
        """Every page again, so that each word is seen by somebody; then the lock, with a form that comes too late."""
        for name in (
            "case-overview", "case-survivor", "case-safety", "case-documents", "case-history", "case-statement",
            "case-identity", "case-names", "case-languages", "case-minority", "case-contact-details",
            "case-protection", "case-consent", "case-signs", "case-talk", "case-status",
            "case-contact", "case-risk",
            "case-safety-plan", "case-tasks", "case-legal", "case-aftercare", "case-reintegration", "case-sharing", "case-holds",
        ):  # fmt: skip
            self.amina.get(reverse(name, args=[self.case.uid]))
        self.post("case-numbers", {}, expected=200)
        self.amina.get(reverse("case-contact-attempt", args=[self.case.uid, self.one(ContactAttempt).uid]))
        Browser(sign_in(self.cast.jonas), self.evidence).get(reverse("house"))
        release = self.one(Release)
        for name in ("release", "release-print", "release-withdraw", "disclosure-new"):
            self.amina.get(reverse(name, args=[self.case.uid, release.uid]))
        for name in ("case-disclosures", "case-account"):
            self.amina.get(reverse(name, args=[self.case.uid]))
        with open_case(self.cast.amina, access.get_for(self.cast.amina, self.case.uid)):
            # On no page: whom a report protects, and why she was not told before.
            self.evidence.pages.append(repr(self.one(MandatedReport).facts) + repr(release.terms))
        for part in ("recruitment", "status"):
            self.amina.get(reverse("case-profile", args=[self.case.uid, part]))
        for address in (reverse("matter", args=[self.matter.uid]), reverse("day"), reverse("cases"), reverse("tasks")):
            self.amina.get(address)
        self.amina.post(reverse("lock"), {})
        self.amina.post(reverse("case-statement", args=[self.case.uid]), {"statement": "held by a Sandgrouser"}, 303)
        [held] = HeldForm.objects.filter(user=self.cast.amina)
        self.evidence.pages.append(repr(open_held(held, self.cast.amina)))
