"""The part of the canaries' walk in a legal matter: what everybody on the case shares, and what counsel alone writes."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases.choices.documents import DocumentCategory
from cases.models import Matter
from services.models import Deadline, Hearing
from tests.accounts import signing_in
from tests.cases.canary_evidence import Browser
from tests.cases.canary_words import LETTER

sign_in = partial(signing_in.sign_in, is_fresh=True)


class Counsel:
    """Steps of the walk (``tests.cases.canary_walk.Walk``)."""

    def __init__(self, walk: Any) -> None:
        self.walk = walk

    def legal(self) -> None:
        """A matter with a hearing and a deadline."""
        self.walk.post("matter-new", {
            "title": "Visa Nightjarred", "matter_type": "T_VISA", "jurisdiction": "Court of Ospreyholm", "stage": "DRAFTING",
            "opened_on": self.walk.today.isoformat(),
        })  # fmt: skip
        self.walk.matter = self.walk.one(Matter)

        self.on_matter(self.walk.amina, "hearing-new", {
            "starts": f"{self.walk.today - timedelta(days=2)}T10:30", "time_zone": "UTC", "hearing_type": "MASTER_CALENDAR",
            "place": "Ravenscroft-at-Six",
        })  # fmt: skip
        self.on_matter(
            self.walk.amina, "hearing-done", {"outcome": "went well says Oystercatch"}, self.walk.one(Hearing).uid
        )
        self.on_matter(self.walk.amina, "deadline-new", {
            "title": "Reply about the gannet", "due_on": self.walk.soon, "kind": "STATUTORY", "authority": "8 CFR Bitternrule",
        })  # fmt: skip
        assert self.walk.one(Deadline)

    def on_matter(self, browser: Browser, name: str, fields: dict[str, Any], *more: Any) -> None:
        """Send a form of the matter."""
        browser.post(reverse(name, args=[self.walk.matter.uid, *more]), fields)

    def attorney(self) -> None:
        """What only she who holds the matter writes: a filing, a note and a paper of her own file."""
        chidi = Browser(sign_in(self.walk.cast.chidi), self.walk.evidence)
        self.on_matter(chidi, "filing-new", {
            "title": "Form I-Puffinet", "receipt": "RCPT0Plover77", "filed_on": self.walk.today.isoformat(),
        })  # fmt: skip
        self.on_matter(
            chidi, "file-note-new", {"privilege_class": "ATTORNEY_WORK_PRODUCT", "body": "a file note on dunlins"}
        )
        paper = SimpleUploadedFile("canary-letter.txt", LETTER[:62])
        facts = {"upload": paper, "category": DocumentCategory.COURT, "section": "LEGAL_FILE"}
        self.on_matter(chidi, "paper-new", facts)
        chidi.get(reverse("matter", args=[self.walk.matter.uid]))
        chidi.post(reverse("matter-numbers", args=[self.walk.matter.uid]), {}, expected=200)
        chidi.get(reverse("attorney-home"))
