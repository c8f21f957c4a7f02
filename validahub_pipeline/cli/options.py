"""What all commands share: options, and the settings they start from."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import ValidationError

from validahub_pipeline.errors import InputError
from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.settings import Settings

LangOption = Annotated[str | None, typer.Option("--lang", help="Language of messages: pt-BR, en or es.")]
JsonOption = Annotated[bool, typer.Option("--json", help="End with one JSON object on stdout.")]


def open_settings(lang: str | None) -> Settings:
    """The settings of this installation, in the language asked for.

    Raises:
        InputError: `unknown_language`, `setting_invalid`.
    """
    if lang is not None and lang not in LANGUAGES:
        raise InputError("unknown_language", lang=lang, known=", ".join(LANGUAGES))
    try:
        settings = Settings()
        return settings if lang is None else settings.model_copy(update={"lang": lang})
    except ValidationError as error:
        first = error.errors()[0]
        name = "VALIDAHUB_" + "_".join(str(part).upper() for part in first["loc"])
        raise InputError("setting_invalid", setting=name, cause=first["msg"]) from error
