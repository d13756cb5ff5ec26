"""Whether a request is in English, which is all that the adapters have been taught."""

from __future__ import annotations

import re
import unicodedata

_ENGLISH = """
a an and any are as at be by can do for from get give how i if in is it me my of on or our please
tell that the then there this to up what when where which who will with you your
"""
# Of German, French, Spanish, Italian, Portuguese and Dutch, less what is an English word too.
_OTHERS = """
der das dem den und ist mich mir ich für mit auf um ein eine einen einem bitte von zu zum zur nicht
heute uhr wie
le la les des du et est au aux pour avec moi dans sur mon ma mes une un je que qui demain à
el los las una y para con por mañana mi en del al es se lo hoy qué
il gli della di domani alle che sono è
os um uma ao da na em com amanhã meu minha não é
de het een voor mij ik op naar van morgen niet
"""
_ENGLISH_WORDS, _OTHER_WORDS = frozenset(_ENGLISH.split()), frozenset(_OTHERS.split())


def is_foreign(request: str) -> bool:
    """Whether a request is written in another language than English, or in another script than the
    Latin one: as far as its small words tell, at least two of them that are no part of a name."""
    letters = [char for char in request if char.isalpha()]
    latin = sum(unicodedata.name(char, "").startswith("LATIN") for char in letters)
    words = re.findall(r"[^\W\d_]+", request)
    others = sum(word in _OTHER_WORDS for word in words)
    english = sum(word.lower() in _ENGLISH_WORDS for word in words)
    return 2 * latin < len(letters) or (others > 1 and others > english)
