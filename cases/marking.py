"""The mark on what somebody outside takes along: for whom, on which day, of what. Written by a process that holds no key.

It hinders nobody who is set on copying. It says to whoever finds the copy whose it was, and makes people careful.
"""

import json
import subprocess
import sys
from pathlib import Path

from anyascii import anyascii
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audit import clock
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.models import User
from cases.choices.documents import DocumentCategory
from cases.file_types import IMAGES, PDF
from cases.models import Case, Document

_MAKER = Path(__file__).with_name("mark_maker.py")
#: Longer than the processor time it may use, because the machine may be busy.
SECONDS = 60
#: What takes a mark. Text and office files would have to be rewritten, recordings drawn anew.
MARKED_TYPES = frozenset(kind.content_type for kind in (PDF, *IMAGES))
#: Kinds that leave exactly as they came: a court compares them with what was taken.
NEVER_MARKED = (DocumentCategory.EVIDENCE,)


def is_to_be_marked(actor: User, case: Case, document: Document) -> bool:
    """Whether this reader gets a copy with her name: somebody outside, of a paper that is not her own.

    Her own file, and what she brought herself, are hers.
    """
    is_outside = actor.organisation_id != case.organisation_id
    return is_outside and document.section != Section.LEGAL_FILE and document.uploaded_by_id != actor.pk


def takes_a_mark(content_type: str, category: str) -> bool:
    """Whether a file of this type and kind leaves with a mark."""
    return content_type in MARKED_TYPES and category not in NEVER_MARKED


def words_for(actor: User, case: Case, document: Document) -> str:
    """The words of the mark, in letters that every viewer draws. The number is the case's only where its card is hers."""
    knows_case = case.holding is not None and case.holding.may(READ_CARD)
    number = case.number if knows_case else document.uid.hex[:8].upper()
    day = date_format(timezone.localdate(clock.now()), pgettext("how a day is written; Django's letters", "j F Y"))
    words = _("For %(name)s, %(day)s, %(number)s, confidential") % {"name": actor.name, "day": day, "number": number}
    return "".join(sign for sign in anyascii(words) if sign.isprintable())[:160]


def mark(content: bytes, content_type: str, words: str) -> bytes:
    """The file with its mark; empty where this one takes none (it is locked, damaged, or larger than any camera makes)."""
    asked = json.dumps({"kind": content_type, "words": words}).encode() + b"\n"
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-B", str(_MAKER)], input=asked + content, env={}, cwd="/",
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False,
        )  # fmt: skip
    except (subprocess.TimeoutExpired, OSError):
        return b""
    return done.stdout if done.returncode == 0 else b""
