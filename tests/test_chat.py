"""Chats in the templates of models that are not here: a vocabulary of single bytes stands in."""

from __future__ import annotations

from typing import Any

import pytest

from planc.decode.chat import ChatTokens
from planc.decode.prompt import Message
from planc.diagnostics import PlanError

CHAT: list[Message] = [
    {"role": "system", "content": "Plan."},
    {"role": "user", "content": "Ring Ann"},
    {"role": "assistant", "content": "ring()"},
    {"role": "user", "content": "Ring Bob"},
]
PLAIN = "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
NO_SYSTEM = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
ALTERNATING = (
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}{% endfor %}"
)


class Bytes:
    """As much of a model as is asked for its chats; each byte is a token."""

    model_path = "m.gguf"

    def __init__(self, template: str | None) -> None:
        self.metadata = {} if template is None else {"tokenizer.chat_template": template}

    def token_bos(self) -> int:
        return -1

    token_eos = token_bos

    def tokenize(self, content: bytes, **options: bool) -> list[int]:
        return list(content)


def chats(template: str | None) -> ChatTokens:
    stand_in: Any = Bytes(template)
    return ChatTokens(stand_in)


def test_a_template_is_followed() -> None:
    told = bytes(chats(PLAIN)(CHAT)).decode()
    assert told == "<system>Plan.\n<user>Ring Ann\n<assistant>ring()\n<user>Ring Bob\n"


@pytest.mark.parametrize("refusing", [NO_SYSTEM, ALTERNATING])
def test_without_a_place_for_a_system_its_words_begin_the_first_message(refusing: str) -> None:
    told = bytes(chats(refusing + PLAIN)(CHAT)).decode()
    assert told == "<user>Plan.\n\nRing Ann\n<assistant>ring()\n<user>Ring Bob\n"


@pytest.mark.parametrize(
    "template",
    [
        None,
        "{% for m in messages %}{{ m.content }}",
        "{{ messages | nothing }}",
        "{{ raise_exception('one message at most') }}",
    ],
)
def test_a_model_whose_template_is_none_is_told(template: str | None) -> None:
    with pytest.raises(PlanError, match="E304"):
        chats(template)
