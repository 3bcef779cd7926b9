"""The form of a picture of her face."""

from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import HavenForm, UploadField


class PhotoForm(HavenForm):
    """One picture."""

    upload = UploadField(
        label=_("Picture of her face"), accept="image/jpeg,image/png,image/webp,image/gif",
        help_text=_("A small copy is kept, without place, time or camera. The file itself is not."),
    )  # fmt: skip
