"""Cun and millimetres. A body cun is the patient's own; both scales are conventions."""

# The usual range is textbook cun: the common one-cun needle is 25 mm long.
USUAL_CUN_MM = 25
# A safety cap is given in cun too, and converted at the cautious thumb-cun.
CAUTIOUS_CUN_MM = 20


def usual_mm(cun: float) -> float:
    """Millimetres of a depth given in textbook cun."""
    return cun * USUAL_CUN_MM


def cap_mm(cun: float) -> float:
    """Millimetres that a depth must not pass, for a safety cap given in cun."""
    return cun * CAUTIOUS_CUN_MM


def usual_cun(mm: float) -> float:
    """Textbook cun of a catalogue depth, to a tenth as textbooks print it."""
    return round(mm / USUAL_CUN_MM, 1)
