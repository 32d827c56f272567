from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission


@requires(Permission.OWN_ACCOUNT)
@require_safe
def home(request):
    return render(request, "clinic/home/home.html")
