"""All settings, from the environment (the README has the table).

One question decides the rest: is this the demo? `DEMO` is 1 where no `DATABASE_URL`
is set. A demo runs on this machine only and needs nothing; anything else refuses to
start without what production needs.
"""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from clinic.core import env

env.count_with_one_core()  # before anything imports numpy
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

DATABASE_URL = env.text("DATABASE_URL", "")
DEMO = env.flag("DEMO", default=not DATABASE_URL)
DEBUG = env.flag("DEBUG", default=False)
HTTPS = env.flag("HTTPS", default=not DEMO)
BENCH = env.flag("BENCH", default=False)

SECRET_KEY = (
    env.kept_secret(DATA_DIR / "secret.key") if DEMO else env.text("SECRET_KEY")
)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1" if DEMO else None)

DATABASES = {
    "default": env.postgres(DATABASE_URL)
    if DATABASE_URL
    else env.sqlite(DATA_DIR / "acuplan.sqlite3")
}
# A clinic's own numbers for what no source settles, in place of those shipped.
POLICY_FILE = Path(policy) if (policy := env.text("POLICY_FILE", "")) else None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Shared by all workers: the limit on failed sign-ins counts here.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "clinic_cache",
        # Guessing at many names must not crowd out the count of one of them.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

INSTALLED_APPS = [
    "clinic",
    "patients",
    "plans",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "django_htmx",
    "heroicons",
]

MIDDLEWARE = [
    *(["clinic.core.middleware.count_queries"] if BENCH else []),
    "django.middleware.security.SecurityMiddleware",
    "clinic.core.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "clinic.core.middleware.leave_no_copy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clinic.accounts.middleware.keep_session_alive",
    "clinic.accounts.middleware.speak_the_users_language",
    "plans.patient_mode.middleware.confine",
    "clinic.accounts.middleware.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "clinic.core.middleware.explain_wrong_method",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["clinic.templatetags.clinic_ui"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "clinic.home.context.frame",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "clinic"
FORM_RENDERER = "clinic.core.drawing.Renderer"

# Who may sign in, and for how long. A desk is shared: half an hour without a click
# ends the session, and closing the browser does too.
AUTH_USER_MODEL = "clinic.User"
AUTHENTICATION_BACKENDS = ["clinic.access.backend.RoleBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
SESSION_ENGINE = "clinic.core.sessions"
SESSION_COOKIE_AGE = 30 * 60  # seconds
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
ACCOUNT_ADAPTER = "clinic.accounts.adapter.ClinicAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key,30/5m/ip"}
# Behind a proxy, the address that counts is the one the proxy saw.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("PROXIES", 1 if HTTPS else 0)
ACCOUNT_FORMS = {
    "login": "clinic.accounts.forms.SignInForm",
    "change_password": "clinic.accounts.forms.ChangePasswordForm",  # nosec B105
    "reauthenticate": "clinic.accounts.forms.ConfirmPasswordForm",
}
MFA_FORMS = {
    "authenticate": "clinic.accounts.forms.SecondFactorForm",
    "reauthenticate": "clinic.accounts.forms.ConfirmCodeForm",
    "activate_totp": "clinic.accounts.forms.SetUpCodeForm",
}
MFA_TOTP_ISSUER = "Acuplan"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

# Cookies and links carry a signed-in clinician: over TLS only, except in the demo.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host != "*"]
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("TIME_ZONE", "Europe/London")
USE_TZ = True
FORMAT_MODULE_PATH = ["clinic.formats"]
CLINIC_NAME = env.text("CLINIC_NAME", "Harbour Lane Acupuncture" if DEMO else "Acuplan")
# The demo's is one of those that are kept for fiction.
CLINIC_PHONE = env.text("CLINIC_PHONE", "020 7946 0123" if DEMO else "")

# Messages to patients. The demo keeps them: nothing leaves this machine.
EMAIL_URL = env.text("EMAIL_URL", "")
vars().update(env.mail_server(EMAIL_URL))
EMAIL_FROM = env.text("EMAIL_FROM", "desk@example.org" if not EMAIL_URL else None)
DEFAULT_FROM_EMAIL = EMAIL_FROM
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
if EMAIL_URL and not DEMO:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "clinic.core.static_files.StaticFiles"
    },
}

# Ids only: what is logged can be read by people who may not open a patient's record.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Whoever asks for another host is refused; that needs no traceback of ours.
    "loggers": {"django.security.DisallowedHost": {"level": "CRITICAL"}},
}
