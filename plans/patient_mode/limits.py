"""How long and how often: what patient mode lets anybody try. Clinic policy."""

from datetime import timedelta

MOST_WRONG = 5  # on one tablet; then staff has to start it anew
MOST_LOCKED = 3  # tablets of one address within `LOOK_BACK`: then none of it goes on
LOOK_BACK = timedelta(hours=1)
LONGEST = timedelta(hours=14)  # a day; then the tablet asks for somebody of the staff
FORGOTTEN = timedelta(minutes=5)  # answers begun and left, should the page not go back
