"""What can stand against keeping or showing a picture of her face."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class NoMediaRelease(CaseError):
    """No release that stands names photos."""

    field = "upload"
    sentence = _(
        "She has not allowed photos, or no longer does. Ask her first; her release names photos and recordings."
    )


class PhotoOfMinor(CaseError):
    """No photographs of a minor (domain.md §8.5)."""

    field = "upload"
    sentence = _("No photo is kept of somebody under 18, or whose age is in doubt.")


class NotAPicture(CaseError):
    """What came cannot be drawn."""

    field = "upload"
    sentence = _("This is no picture that Haven can show. Choose a JPEG, PNG, WebP or GIF file.")
