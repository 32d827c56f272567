from allauth.account import forms as sign_in
from allauth.mfa.base import forms as second_factor
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from clinic.access.roles import Role
from clinic.accounts.models import FIRST_YEAR, LAST_YEAR, TRAINING_FIELDS, User
from clinic.core.texts import LANGUAGE_NAMES

ROLE_CHOICES = [
    (Role.ACUPUNCTURIST.value, _("Acupuncturist")),
    (Role.FRONT_DESK.value, _("Front desk")),
    (Role.ADMIN.value, _("Admin")),
]
TRAINING_CHOICES = [
    (name, User._meta.get_field(field).verbose_name)
    for name, field in TRAINING_FIELDS.items()
]
LANGUAGES = list(LANGUAGE_NAMES.items())


class WithoutPlaceholders:
    """A placeholder that repeats the label vanishes when it is needed."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class SignInForm(WithoutPlaceholders, sign_in.LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name")
        self.fields["login"].widget.attrs["autofocus"] = True

    def clean_login(self) -> str:
        """A Chinese keyboard may type full-width letters."""
        return User.normalize_username(super().clean_login())


class ChangePasswordForm(WithoutPlaceholders, sign_in.ChangePasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Present password")
        self.fields["password1"].label = _("New password")
        self.fields["password1"].help_text = _(
            "At least 8 characters, not only figures, not one that many people use."
        )
        self.fields["password2"].label = _("New password, again")


class ConfirmPasswordForm(WithoutPlaceholders, sign_in.ReauthenticateForm):
    pass


class WithCode(WithoutPlaceholders):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code")
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class SecondFactorForm(WithCode, second_factor.AuthenticateForm):
    pass


class ConfirmCodeForm(WithCode, second_factor.ReauthenticateForm):
    pass


class SetUpCodeForm(WithCode, ActivateTOTPForm):
    pass


class PreferencesForm(forms.Form):
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)


class MemberForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150)
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=ROLE_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Somebody who works alone has all three."),
    )
    qualification = forms.CharField(
        label=_("Qualification"),
        max_length=150,
        required=False,
        help_text=_("Shown under a signature, for example “LicAc, MBAcC”."),
    )
    practising_since = forms.IntegerField(
        label=_("Practising since"),
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        required=False,
        help_text=_("The year, for reports on a treatment: 2012."),
    )
    trained = forms.MultipleChoiceField(
        label=_("Trained in"),
        choices=TRAINING_CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A plan proposes to an acupuncturist only what is ticked here."),
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)

    def clean_roles(self) -> frozenset[Role]:
        return frozenset(Role(role) for role in self.cleaned_data["roles"])

    def clean_trained(self) -> frozenset[str]:
        return frozenset(self.cleaned_data["trained"])

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if password:
            validate_password(password)
        return password


class NewMemberForm(MemberForm):
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text=_("What they type to sign in."),
    )
    password = forms.CharField(
        label=_("First password"),
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters. They can change it after signing in."),
    )
    field_order = ["name", "username", "password"]

    def clean_username(self) -> str:
        username = User.normalize_username(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(_("This user name is taken."))
        return username


class ChangeMemberForm(MemberForm):
    is_active = forms.BooleanField(
        label=_("May sign in"),
        required=False,
        help_text=_("Taken away, what they wrote stays and so does their name."),
    )
    password = forms.CharField(
        label=_("New password"),
        max_length=128,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Leave empty to keep the present one."),
    )
    drop_second_factor = forms.BooleanField(
        label=_("Switch off the second factor"),
        required=False,
        help_text=_("For somebody who has lost the phone and the recovery codes."),
    )

    def __init__(self, *args, own: bool, has_second_factor: bool, **kwargs):
        super().__init__(*args, **kwargs)
        # One's own are changed where they are asked for first.
        if own:
            del self.fields["password"]
        if own or not has_second_factor:
            del self.fields["drop_second_factor"]
