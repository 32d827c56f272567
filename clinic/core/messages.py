"""Messages that offer to undo what they tell."""

UNDO = "undo:"


def undo(url: str) -> str:
    """messages.success(request, _("Cancelled."), extra_tags=undo(url))

    The page shows an Undo button that posts to `url`.
    """
    return UNDO + url


def undo_url(extra_tags: str) -> str:
    return extra_tags.removeprefix(UNDO) if extra_tags.startswith(UNDO) else ""
