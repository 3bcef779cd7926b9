"""Builders for tests of releases and disclosures: plainly made-up words, everything through the real actions and pages."""

import io
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageDraw

from audit import clock
from cases.actions.releases import Signing, Terms, record_release
from cases.choices.releases import AUTHORITY_OF_TICK
from cases.choices.sharing import Purpose

STATEMENTS: dict[str, Any] = {"risks_discussed": True, "not_conditioned": True, "revocable_explained": True}


def signing(**changes: Any) -> Signing:
    """The three statements, a yes by name to whatever asks for one, and what a test changes."""
    return Signing(**{**STATEMENTS, "named": list(AUTHORITY_OF_TICK), **changes})


def release(actor: Any, case: Any, recipient: Any, *, days: int = 20, now: Any = None, **changes: Any) -> Any:
    """A release to an organisation, for a referral, of two categories."""
    now = now or clock.now()
    facts: dict[str, Any] = {
        "purpose": Purpose.REFERRAL, "purpose_text": "A bed for two weeks", "terms": Terms(categories=["IDENTITY", "CONTACT"]),
        "signing": signing(), "expires_at": now + timedelta(days=days), **changes,
    }  # fmt: skip
    return record_release(actor=actor, now=now, case_uid=case.uid, recipient=recipient, **facts)


def drawn(name: str = "signature.png") -> SimpleUploadedFile:
    """A signature as a canvas leaves it."""
    image = Image.new("RGB", (640, 220), "white")
    ImageDraw.Draw(image).line([(40, 120), (200, 60), (330, 170), (600, 90)], fill="black", width=3)
    made = io.BytesIO()
    image.save(made, "PNG")
    return SimpleUploadedFile(name, made.getvalue(), content_type="image/png")


def terms_page(**changes: Any) -> dict[str, Any]:
    """What is sent from the first page."""
    facts: dict[str, Any] = {
        "purpose": "REFERRAL", "purpose_text": "A bed for two weeks", "categories": ["IDENTITY", "CONTACT"],
        "excluded": "not to my brother", "expires_on": (timezone.localdate() + timedelta(days=20)).isoformat(),
        "signer": "CLIENT", "language": "en", "method": "WRITTEN", **changes,
    }  # fmt: skip
    return {name: value for name, value in facts.items() if value is not None}


def sign_page(**changes: Any) -> dict[str, Any]:
    """What is sent from the second page, with the first one's answers."""
    facts: dict[str, Any] = {
        **dict.fromkeys(STATEMENTS, "on"), "evidence": "SCREEN", "signature": drawn(),
        "signed_on": timezone.localdate().isoformat(), "sign": "1", **changes,
    }  # fmt: skip
    return terms_page(**facts)
