from django.utils.translation import gettext_lazy as _

READ = {
    "seen": _("read in the work itself"),
    "seen-2": _("read in another’s report of it"),
    "recalled": _("to be confirmed by a clinician"),
}
