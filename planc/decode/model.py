"""The local model: a GGUF file behind outlines, loaded once, asked for plans and for texts."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import llama_cpp
import llguidance.llamacpp
import numpy as np
import outlines
from outlines.inputs import Chat

from planc.adapters import Adapter
from planc.decode import judge
from planc.decode.chat import ChatTokens
from planc.decode.constraint import PlanConstraint
from planc.decode.drafts import COPIED, FORCED
from planc.decode.ending import REFUSAL, without_unused
from planc.decode.grammar import NO_TOOL
from planc.decode.matcher import MAX_TOKENS, SLICES
from planc.decode.prefix import PrefixCache
from planc.decode.prompt import (
    Message,
    Request,
    before,
    beginning,
    messages,
    taught,
    taught_any,
    taught_beginning,
)
from planc.decode.retrieve import MANY, Ranking, relevant
from planc.diagnostics import (
    BROKEN_ADAPTER,
    BROKEN_MODEL,
    REQUEST_TOO_LONG,
    UNFINISHED_PLAN,
    Diagnostic,
    PlanError,
)
from planc.tools import ToolSet

_CONTEXT = 4096  # tokens, to begin with; a longer prompt gets a larger context
_MAX_CONTEXT = 32768
_REQUEST = 1024  # tokens kept free for the request
_BATCH = 256
_RETRIEVED = 8  # tools of a set with more than `MANY` are shown, and what they need
_THREADS = max(
    1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
)


@dataclass(frozen=True)
class Stats:
    """What a plan cost. `prompt_tokens` count what the model was asked before it planned as well;
    `cached_tokens` of them were known from the request before or from disk; `forced_tokens` of the
    decoded ones had no alternative under the grammar. `adapter` is the name of the one in use."""

    model: str
    adapter: str | None
    prompt_tokens: int
    cached_tokens: int
    decoded_tokens: int
    forced_tokens: int
    seconds: float


@dataclass(frozen=True)
class Decoded:
    """The text of a plan; `""` when the model judged that no tool serves the request."""

    text: str
    stats: Stats


class LocalModel:
    """A loaded model. One thread at a time uses it; the others wait.

    Over tools without examples a request is refused if the model's odds of no are more than
    `refusal` times those for a request that asks for nothing in particular (`planc.decode.judge`);
    with None it is not asked. With an adapter it refuses where it says with more than the
    likelihood `refusal_taught` (None: `REFUSAL`) that no tool fits.

    With an adapter that was taught the tool set, `plan` shows neither tools nor examples; with one
    that was taught to plan over any tools, no lessons. Adapters may change from one plan to the
    next; each stays in memory.

    Raises `PlanError` (E304) for a file that is no model.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        seed: int = 0,
        refusal: float | None = None,
        refusal_taught: float | None = None,
    ) -> None:
        self.name = name
        self.path = path
        self.seed = seed
        self.refusal = refusal
        self.refusal_taught = REFUSAL if refusal_taught is None else refusal_taught
        self._lock = threading.Lock()
        self._load(_CONTEXT)
        self._prefixes = PrefixCache(path)
        self._read = self._known = 0  # tokens of the prompts for the plan under way
        self._adapter: Adapter | None = None
        self._ranked: tuple[ToolSet, Ranking] | None = None
        self._doubted: tuple[ToolSet, float] | None = None

    def _load(self, context: int) -> None:
        if not _is_gguf(self.path):
            raise _broken(self.path, "it does not begin as a GGUF file does")
        try:
            with weights_as_they_are():
                self._llama = llama_cpp.Llama(
                    str(self.path),
                    n_ctx=context,
                    n_batch=_BATCH,
                    n_threads=_THREADS,
                    n_threads_batch=_THREADS,
                    seed=self.seed,
                    verbose=False,
                )
        except (ValueError, RuntimeError, OSError) as error:
            raise _broken(self.path, str(error)) from error
        _keep_logits_of_drafts(self._llama)
        self._tokens = ChatTokens(self._llama)
        self._loaded: dict[str, Any] = {}  # adapters, which belong to the model in memory
        self._on = ""  # the state of the one on the weights
        self._outlines = outlines.from_llamacpp(self._llama)
        # It asks the vocabulary, which goes with the model that it belongs to.
        vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
        self._tokenizer = llguidance.llamacpp.lltokenizer_from_vocab(vocabulary, slices=SLICES)

    def plan(
        self,
        request: Request,
        tools: ToolSet,
        temperature: float = 0.0,
        retrieve: bool = True,
        adapter: Adapter | None = None,
    ) -> Decoded:
        """A plan for a request, decoded under the constraint of the tools: greedily, or sampled
        at a temperature. With `retrieve`, of a large set only those tools are shown, and may be
        called, that go best with the request. An `adapter` is for these tools, or for any.

        Raises `PlanError`: E305 for a request that does not fit the model, E306 for a plan that
        did not end in time, E307 for an adapter that does not fit the model.
        """
        begin = time.perf_counter()
        with self._lock:
            self._adapt(adapter)
            knows = adapter is not None and not adapter.general
            whole = knows or len(tools) <= MANY or not retrieve
            if not whole:
                tools = self._relevant(tools, request.text)
            self._read = self._known = 0
            refusal: float | None = REFUSAL
            if adapter is not None:
                refusal = self.refusal_taught
            elif self.refusal is not None and temperature == 0 and not tools.examples:
                if self._doubts(request.text, tools, whole) > self.refusal:
                    return Decoded("", self._stats(0, 0, begin))
                refusal = None
            asking = Request(self._tokens.defused(request.text), request.now)
            chat, beginnings = self._chat(asking, tools, whole)
            self._prepare(chat, MAX_TOKENS, beginnings)
            constraint = PlanConstraint(
                self._tokenizer,
                tools,
                request.text,
                self._outlines.tensor_library_name,
                greedy=temperature == 0,
                refusal=refusal,
                taught=adapter is not None,
                prompt=chat[-1]["content"],
            )
            self._generate(chat, MAX_TOKENS, constraint, temperature)
        if constraint.error is not None:
            raise constraint.error
        matcher = constraint.matchers[0]
        if not matcher.complete:
            raise PlanError(
                Diagnostic(
                    UNFINISHED_PLAN,
                    f"the plan did not end within {MAX_TOKENS} tokens",
                    hint="ask for less at once, or use a larger model",
                )
            )
        matcher.finish()
        statements = matcher.statements
        if temperature == 0 and statements != [NO_TOOL]:
            statements = without_unused(statements, tools)
        text = "".join(f"{statement}\n" for statement in statements)
        stats = self._stats(constraint.calls, matcher.forced, begin)
        return Decoded("" if text == f"{NO_TOOL}\n" else text, stats)

    def _stats(self, decoded: int, forced: int, begin: float) -> Stats:
        seconds = time.perf_counter() - begin
        adapter = self._adapter.name if self._adapter else None
        return Stats(self.name, adapter, self._read, self._known, decoded, forced, seconds)

    def complete(self, instruction: str, text: str, max_tokens: int = 256) -> str:
        """The model's answer to an instruction about a text (see `planc.tools.TextModel`)."""
        with self._lock:
            self._adapt(None)
            content = f"{instruction}\n\n{self._tokens.defused(text)}"
            chat = [{"role": "user", "content": content}]
            self._prepare(chat, max_tokens)
            return self._generate(chat, max_tokens, None).strip()

    def _adapt(self, adapter: Adapter | None) -> None:
        """Puts an adapter on the model's weights, or takes off the one there."""
        self._adapter = adapter
        wanted = adapter.state if adapter else ""
        if wanted == self._on:
            return
        handles = []
        if adapter is not None:
            if wanted not in self._loaded:
                path = os.fsencode(adapter.path)
                handle = llama_cpp.llama_adapter_lora_init(self._llama.model, path)
                if not handle:
                    message = f"`{adapter.path}` does not fit {self.name}"
                    raise PlanError(Diagnostic(BROKEN_ADAPTER, message))
                self._loaded[wanted] = handle
            handles = [self._loaded[wanted]]
        pointers = (llama_cpp.llama_adapter_lora_p_ctypes * len(handles))(*handles)
        scales = (ctypes.c_float * len(handles))(*(1.0 for _ in handles))
        llama_cpp.llama_set_adapters_lora(self._llama.ctx, pointers, len(handles), scales)
        self._llama.reset()  # what is read was read with other weights
        self._on = wanted

    def _relevant(self, tools: ToolSet, request: str) -> ToolSet:
        if self._ranked is None or self._ranked[0] is not tools:
            self._ranked = tools, Ranking(tools.values())
        return relevant(tools, self._ranked[1], request, _RETRIEVED)

    def _doubts(self, request: str, tools: ToolSet, whole: bool) -> float:
        """How much larger the model's odds of no are than for any request."""
        kept = self._beginnings(judge.before(), judge.beginning(tools) if whole else None)
        if self._doubted is None or self._doubted[0] is not tools:
            usual = self._doubt(judge.messages(judge.ANY_REQUEST, tools), kept)
            self._doubted = tools, usual
        asked = self._doubt(judge.messages(self._tokens.defused(request), tools), kept)
        return asked / self._doubted[1]

    def _doubt(self, chat: list[Message], beginnings: Sequence[Sequence[int]]) -> float:
        """The model's odds of no against yes."""
        tokens = self._prepare(chat, 1, beginnings)
        self._llama.n_tokens = _common(self._llama.input_ids[: self._llama.n_tokens], tokens[:-1])
        self._llama.eval(tokens[self._llama.n_tokens :])  # which drops what is behind
        found = llama_cpp.llama_get_logits_ith(self._llama.ctx, -1)
        logits = np.ctypeslib.as_array(found, shape=(self._llama.n_vocab(),))
        return judge.doubt(logits, self._begin(judge.YES), self._begin(judge.NO))

    def _begin(self, texts: Sequence[str]) -> list[int]:
        """The tokens that some texts begin with."""
        return [self._tokenizer.tokenize_str(text)[0] for text in texts]

    def _chat(
        self, request: Request, tools: ToolSet, whole: bool = True
    ) -> tuple[list[Message], list[list[int]]]:
        """The chat for a request, and what it begins with for other requests too (token by token,
        each going on where the one before it ends): the lessons and, if they are the `whole` set,
        the tools. Of the tools' examples it shows as many as the model has room for. With an
        adapter there are no lessons and no examples, and with one for these tools no tools."""
        if self._adapter is not None:
            if not self._adapter.general:
                return taught(request), []
            return taught_any(request, tools), self._beginnings(
                taught_beginning(tools) if whole else None
            )
        shown = tools
        kept = self._tokens(beginning(shown))
        while shown.examples and len(kept) > self._limit - MAX_TOKENS - _REQUEST:
            shown = ToolSet(tools.values(), shown.examples[: len(shown.examples) // 2])
            kept = self._tokens(beginning(shown))
        beginnings = self._beginnings(before(shown), beginning(shown) if whole else None)
        return messages(request, shown), beginnings

    def _beginnings(self, *chats: Sequence[Message] | None) -> list[list[int]]:
        return [self._tokens(chat) for chat in chats if chat is not None]

    @property
    def _limit(self) -> int:
        """The tokens that the model takes, of a prompt and its answer together."""
        return min(_MAX_CONTEXT, int(self._llama.metadata.get(self._key("context_length"), 4096)))

    def _prepare(
        self, chat: list[Message], room: int, beginnings: Sequence[Sequence[int]] = ()
    ) -> list[int]:
        """The tokens of a prompt, for which the context is made large enough; they are counted,
        and those whose keys and values are known already. What the chat has in common with the
        `beginnings` is looked for on disk, and put there, since the next run will begin with it
        too."""
        tokens = self._tokens(chat)
        needed = len(tokens) + room
        limit = self._limit
        if needed > limit:
            raise PlanError(
                Diagnostic(
                    REQUEST_TOO_LONG,
                    f"the prompt has {len(tokens)} tokens, and with {room} for the answer the "
                    f"model takes {limit}",
                    hint="shorten the request, or give fewer tools",
                )
            )
        if needed > self._llama.n_ctx():
            self._llama.close()
            self._load(min(limit, 1 << (needed - 1).bit_length()))
            self._adapt(self._adapter)
        known = _common(self._llama.input_ids[: self._llama.n_tokens], tokens)
        shared = [tokens[: _common(kept, tokens)] for kept in beginnings]
        known = self._prefixes.restore(self._llama, shared, known, self._on)
        self._read += len(tokens)
        self._known += min(known, len(tokens) - 1)
        return tokens

    def _key(self, name: str) -> str:
        return f"{self._llama.metadata.get('general.architecture', 'llama')}.{name}"

    def _generate(
        self,
        chat: list[Message],
        max_tokens: int,
        constraint: PlanConstraint | None,
        temperature: float = 0.0,
    ) -> str:
        pieces: Iterator[str] = self._outlines.generate_stream(
            Chat(self._tokens.shaped(chat)),
            constraint,
            max_tokens=max_tokens,
            temperature=temperature,
            repeat_penalty=1.0,
            seed=self.seed,
        )
        self._llama.draft_model = constraint.draft if constraint is not None else None
        try:
            return "".join(pieces)
        finally:
            self._llama.draft_model = None


@contextmanager
def weights_as_they_are() -> Iterator[None]:
    """Keeps ggml from copying the weights into rearranged buffers while a model is loaded.

    Used from the mapped file they need half the memory, load in a quarter of the time and, for
    the models of the registry, are no slower. It also keeps ggml from its AMX kernels: GCC 12 and
    older give `ldtilecfg` an operand of 8 bytes in place of 64 and drop the stores to the rest,
    so that a llama.cpp built with them dies at the first prompt on a processor with AMX.
    llama-cpp-python has no option for `use_extra_bufts`.
    """
    bindings = llama_cpp.llama_cpp
    usual = bindings.llama_model_default_params

    def without_extra_buffers() -> llama_cpp.llama_model_params:
        parameters = usual()
        parameters.use_extra_bufts = False
        return parameters

    bindings.llama_model_default_params = without_extra_buffers
    try:
        yield
    finally:
        bindings.llama_model_default_params = usual


def _keep_logits_of_drafts(llama: llama_cpp.Llama) -> None:
    """Has the logits computed of every token of a batch that is as short as a draft. Of a model
    that it is given a draft model for, llama-cpp-python keeps those of every token of a prompt as
    well, which are gigabytes."""
    usual = llama._batch.set_batch

    def set_batch(batch: Sequence[int], n_past: int, logits_all: bool) -> None:
        usual(batch, n_past, logits_all or len(batch) <= 1 + max(FORCED, COPIED))

    llama._batch.set_batch = set_batch


def _common(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens two sequences begin with in common."""
    pairs = zip(first, second, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))


def _is_gguf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"GGUF"
    except OSError as error:
        raise _broken(path, error.strerror or str(error)) from error


def _broken(path: Path, reason: str) -> PlanError:
    return PlanError(
        Diagnostic(
            BROKEN_MODEL,
            f"`{path}` cannot be loaded as a model: {reason}",
            hint="`planc models pull` fetches a model that works",
        )
    )
