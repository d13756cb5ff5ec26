"""Chats as the tokens that a model reads, in the template and vocabulary of its GGUF file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import redirect_stderr
from functools import cached_property
from io import StringIO
from pathlib import Path

import llama_cpp
from jinja2 import TemplateError
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from planc.decode.prompt import Message
from planc.diagnostics import BROKEN_MODEL, Diagnostic, PlanError

_SYSTEM_FIRST: list[Message] = [
    {"role": role, "content": "-"} for role in ("system", "user", "assistant", "user")
]


class ChatTokens:
    """The tokens of chats for one model.

    Raises `PlanError` (E304) for a model without a chat template, or with one that is none.
    """

    def __init__(self, llama: llama_cpp.Llama) -> None:
        self._llama = llama
        template = llama.metadata.get("tokenizer.chat_template")
        if template is None:
            raise self._unfit("has no chat template")
        try:
            self._formatter = Jinja2ChatFormatter(
                template, eos_token=self._piece("eos"), bos_token=self._piece("bos")
            )
            self._has_system = self._takes(_SYSTEM_FIRST)
            if not (self._has_system or self._takes(_SYSTEM_FIRST[1:])):
                raise self._unfit("has a chat template that takes no talk of user and assistant")
        except TemplateError as error:
            raise self._unfit(f"has a broken chat template: {error}") from error

    def __call__(self, chat: Sequence[Message]) -> list[int]:
        """The tokens of a chat, up to where the model is to go on."""
        prompt = self._formatter(messages=self.shaped(chat)).prompt
        return self.text(prompt, special=True)

    def shaped(self, chat: Sequence[Message]) -> list[Message]:
        """The chat as the model's template takes it: what the system says begins the user's first
        message where there is no place for a system."""
        if self._has_system or not chat or chat[0]["role"] != "system":
            return list(chat)
        system, first, *rest = chat
        content = f"{system['content']}\n\n{first['content']}"
        return [{"role": first["role"], "content": content}, *rest]

    def _takes(self, chat: Sequence[Message]) -> bool:
        """Whether the template takes a chat. Raises jinja2's `TemplateError` if it is broken."""
        try:
            self._formatter(messages=chat)
        except ValueError:  # with which a template refuses one
            return False
        return True

    def _unfit(self, what: str) -> PlanError:
        hint = "use an instruction-tuned model"
        return PlanError(Diagnostic(BROKEN_MODEL, f"`{self._llama.model_path}` {what}", hint=hint))

    def text(self, text: str, special: bool = False) -> list[int]:
        """The tokens of a text, in which `special` ones of the format may be named."""
        content = text.encode("utf-8", "replace")
        return list(self._llama.tokenize(content, add_bos=False, special=special))

    @property
    def end(self) -> int:
        """The token that ends an answer."""
        return int(self._llama.token_eos())

    def defused(self, text: str) -> str:
        """The text with the chat format's control tokens taken apart, so that a request cannot
        end its own turn and speak as the system."""
        for piece in self._control:
            if piece and piece in text:
                text = text.replace(piece, f"{piece[0]} {piece[1:]}")
        return text

    def _piece(self, which: str) -> str:
        token = getattr(self._llama, f"token_{which}")()
        return "" if token < 0 else str(self._llama.detokenize([token], special=True), "utf-8")

    @cached_property
    def _control(self) -> list[str]:
        """The texts that the tokenizer would read as control tokens of the chat format."""
        control = llama_cpp.LLAMA_TOKEN_ATTR_CONTROL
        vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
        return [
            self._llama.detokenize([token], special=True).decode("utf-8", "ignore")
            for token in range(self._llama.n_vocab())
            if llama_cpp.llama_vocab_get_attr(vocabulary, token) & control
        ]


def of_file(path: Path) -> ChatTokens:
    """The same for a model of which only the vocabulary is read."""
    with redirect_stderr(StringIO()):  # a warning about the context, which is not used
        return ChatTokens(llama_cpp.Llama(str(path), vocab_only=True, verbose=False))
