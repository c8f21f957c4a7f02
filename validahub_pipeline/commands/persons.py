"""Who keeps the persons, for commands that read: the database is used where there is one, and not set up for them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from validahub_pipeline.embedded.services import services as running_services
from validahub_pipeline.errors import InputError, ValidaHubError
from validahub_pipeline.ledger.privacy import is_subject_id
from validahub_pipeline.messages import message
from validahub_pipeline.settings import Settings
from validahub_pipeline.subjects import SubjectKeeper


@contextmanager
def persons_at_hand(settings: Settings) -> Iterator[SubjectKeeper | None]:
    """Who keeps the persons of this installation; None on a machine that has only the lake, and, with a line on stderr,
    where the database cannot be reached: what is personal is then shown as encrypted."""
    with ExitStack() as stack:
        try:
            keeper = _keeper(settings, stack)
        except ValidaHubError as error:
            print(
                message("trail", "persons_unreachable", settings.lang, cause=error.render(settings.lang)),
                file=sys.stderr,
            )
            keeper = None
        yield keeper


def ids_of(keeper: SubjectKeeper | None, user: str) -> frozenset[str]:
    """What a user may stand as in events: the id, and in those from before there were ids, the name.

    Raises:
        InputError: `persons_absent`; a name, and nobody here knows whose it is.
    """
    if keeper is None:
        if is_subject_id(user):
            return frozenset({user})
        raise InputError("persons_absent", user=user)
    found = keeper.find(user)
    return frozenset({user, found.id} if found else {user})


def _keeper(settings: Settings, stack: ExitStack) -> SubjectKeeper | None:
    if settings.subjects_url is not None:
        keeper = SubjectKeeper(settings.subjects_url.get_secret_value())
    elif settings.postgres_url is None and not (settings.home / "postgres").is_dir():
        return None
    else:
        keeper = SubjectKeeper(stack.enter_context(running_services(settings)).validahub_url)
    stack.callback(keeper.close)
    keeper.look_up(())
    return keeper
