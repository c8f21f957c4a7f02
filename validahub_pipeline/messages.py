"""Messages to people, in their language, from the catalogue under `rules/messages`.

Nothing else in the library holds a sentence meant for a seller; it names a section and a key and passes the values.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

import rules

Language = Literal["pt-BR", "en", "es"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)


def message(section: str, key: str, lang: Language, /, **values: object) -> str:
    """The text of `section.key` in `lang`, with `{placeholders}` filled from `values`.

    Raises:
        KeyError: the section, key, language or a placeholder's value is missing; the tests of the catalogue hold
            every key to all three languages.
    """
    text: str = rules.messages(section)[key][lang]
    return text.format(**values)
