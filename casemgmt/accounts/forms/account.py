"""Forms of one's own account: accepting an invitation, preferences, the PIN."""

from itertools import pairwise
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, HavenForm, LineField

from ..configured import languages_offered
from ..models import User

MIN_PIN, MAX_PIN = 6, 12


def check_new_password(form: "AcceptForm | ChangePasswordForm", cleaned: dict[str, Any]) -> None:
    """Both boxes alike, and strong enough; errors go to the form."""
    password, again = cleaned.get("password"), cleaned.get("password_again")
    if password and again and password != again:
        form.add_error("password_again", _("The two passwords differ."))
    elif password:
        try:
            validate_password(password, form.user)
        except ValidationError as error:
            form.add_error("password", error)


class AcceptForm(HavenForm):
    """Open one's own account."""

    name = LineField(label=_("Your name, as colleagues see it"), max_length=150)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label=_("The same password again"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        check_new_password(self, cleaned)
        return cleaned


class ChangePasswordForm(HavenForm):
    """A new password; the present one proves that it is oneself."""

    oldpassword = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label=_("The new password again"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean_oldpassword(self) -> str:
        if not self.user.check_password(self.cleaned_data["oldpassword"]):
            raise ValidationError(_("This is not your present password."), code="wrong")
        return self.cleaned_data["oldpassword"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        check_new_password(self, cleaned)
        return cleaned


class PreferencesForm(HavenForm):
    """Name, language and time zone of oneself."""

    name = LineField(label=_("Your name, as colleagues see it"), max_length=150)
    language = CodeField(label=_("Language"), choices=languages_offered)
    time_zone = CodeField(label=_("Time zone"), choices=[(zone, zone) for zone in sorted(available_timezones())])


class PinForm(HavenForm):
    """Set the PIN that unlocks the screen."""

    pin = forms.CharField(
        label=_("New PIN"),
        help_text=_("6 to 12 digits. It opens a locked screen for up to 12 hours; it signs nobody in."),
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": MAX_PIN}),
    )
    pin_again = forms.CharField(
        label=_("The same PIN again"),
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": MAX_PIN}),
    )

    def clean_pin(self) -> str:
        pin = self.cleaned_data["pin"]
        if not (pin.isascii() and pin.isdigit() and MIN_PIN <= len(pin) <= MAX_PIN):
            raise ValidationError(_("A PIN has 6 to 12 digits."), code="shape")
        steps = {int(after) - int(before) for before, after in pairwise(pin)}
        if steps in ({0}, {1}, {-1}):
            raise ValidationError(_("This PIN is too easy to guess. Mix the digits."), code="easy")
        return pin

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("pin") and cleaned.get("pin_again") and cleaned["pin"] != cleaned["pin_again"]:
            self.add_error("pin_again", _("The two PINs differ."))
        return cleaned


class UnlockForm(forms.Form):
    """The PIN at the lock."""

    pin = forms.CharField(
        label=_("PIN"),
        label_suffix="",
        max_length=MAX_PIN,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off", "autofocus": True}),
    )
