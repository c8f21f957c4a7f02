"""What can go wrong, by whose fault it is: the input's, the installation's, or ours.

A message here names cause and remedy; its wording lives in the catalogue (`rules/messages/errors.yaml`).
"""

from __future__ import annotations

from typing import ClassVar

from validahub_pipeline.messages import Language, message


class ValidaHubError(Exception):
    """Any failure ValidaHub knows how to explain. `code` is a key of `rules/messages/errors.yaml`.

    Attributes:
        exit_code: what the command line ends with.
        retryable: whether the same input may pass at another time (no space left: yes; an empty file: no).
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, *, retryable: bool = False, **values: object) -> None:
        self.code = code
        self.values = values
        self.retryable = retryable
        super().__init__(code)

    def render(self, lang: Language) -> str:
        """The message in a language: what happened, where, and what to do."""
        return message("errors", self.code, lang, **self.values)

    def __str__(self) -> str:
        return self.render("en")


class InputError(ValidaHubError):
    """The input cannot be processed: no table in it, unreadable, an unknown marketplace, no room for it."""

    exit_code = 2


class PackError(ValidaHubError):
    """A rule pack is not well formed; names the pack, the rule and what is wrong with it."""

    exit_code = 2


class SuiteError(ValidaHubError):
    """A Great Expectations suite cannot be run as it stands; names the place in it and what is wrong there."""

    exit_code = 2


class StorageError(ValidaHubError):
    """The lake refused or lost something."""


class LedgerError(ValidaHubError):
    """The ledger cannot take or vouch for an event. Whoever was about to act must not act."""
