"""LoRA (arXiv 2106.09685) on a GGUF model's weights: training on a CPU, and what is kept of it.

The weights of the model are in bf16 and stay as they are; the adapter's are in f32, and computed
with in bf16. Requests whose prompts begin alike, with the text of the same tools, are packed into
one row in which that beginning is read once: each sees it and itself, by a mask and by positions
that go on from it. A step's gradients are summed over parts that fit into memory. The loss is on
the plan's tokens alone, and only theirs are the logits that are computed, some at a time. Of a
large vocabulary only a part takes part in the softmax: the tokens of the samples and the commonest
ones, which come first where byte pairs were merged by count.
"""

from __future__ import annotations

import hashlib
import math
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stderr
from dataclasses import asdict, dataclass, replace
from io import StringIO
from itertools import islice, takewhile
from pathlib import Path
from pickle import UnpicklingError
from random import Random
from typing import Any

import numpy as np
import peft
import torch
from gguf import GGUFReader, Keys
from peft.helpers import disable_input_dtype_casting
from transformers import AutoModelForCausalLM, GgufConfig

from planc import adapters, files
from planc.diagnostics import CANNOT_WRITE, NO_TRAINING, Diagnostic, PlanError
from planc.tune.curves import Test
from planc.tune.export import rank_and_alpha, require_exportable, weights

RATE = 4e-4
"""The peak of the learning rate, if a model has none of its own (`planc.models.Model`)."""

_IGNORED = -100
_ALIKE = 16  # batches, in which samples are sorted by length
_CHUNK = 256  # states whose logits are computed at a time
_AT_ONCE = 2048  # tokens in memory of a model of 24 layers of 896 and 4,864 units: 3 MB each
_UNITS = 24 * (896 + 4864)  # of that model
_COMMON = 16384  # tokens that always take part
_TESTS = 8  # in a training, and fewer in one of so few steps for each that they would take long
_BETWEEN = 20
_LONG = 100_000  # tokens of a training from which on it pays to compile the layers


@dataclass(frozen=True)
class Settings:
    """How an adapter is trained; `batch` is the samples of a step, and `start` the adapter that it
    goes on from, of the same rank."""

    rank: int = 16
    alpha: int = 32
    rate: float = RATE
    warmup: int = 20
    epochs: int = 1
    batch: int = 8
    seed: int = 0
    start: Path | None = None

    def going_on(self, start: Path, model: str) -> Settings:
        """The settings for going on from an adapter: its rank and alpha, and half the rate. Raises
        `PlanError`: E307 for a file that is none, E603 for one of another model, which is known by
        its SHA-256."""
        if adapters.read(start).model != model:
            message = f"`{start}` is an adapter of another model"
            raise PlanError(Diagnostic(NO_TRAINING, message))
        rank, alpha = rank_and_alpha(start)
        return replace(self, rank=rank, alpha=alpha, rate=self.rate / 2, start=start)


@dataclass(frozen=True)
class Tokens:
    """A request as a model reads it: the prompt, and the answer with the token that ends it."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.answer)


@dataclass(frozen=True)
class Pack:
    """Requests whose prompts begin alike: that beginning, and what is left of each, of the prompt
    one token at least."""

    beginning: tuple[int, ...]
    requests: tuple[Tokens, ...]

    @staticmethod
    def of(requests: Sequence[Tokens]) -> Pack:
        prompts = [one.prompt for one in requests]
        if len(prompts) == 1:
            return Pack((), tuple(requests))
        longest = min(map(len, prompts)) - 1
        alike = takewhile(lambda of: len(set(of)) == 1, zip(*prompts, strict=False))
        beginning = tuple(token for token, *_ in islice(alike, longest))
        rest = (Tokens(one.prompt[len(beginning) :], one.answer) for one in requests)
        return Pack(beginning, tuple(rest))

    def __len__(self) -> int:
        return len(self.beginning) + sum(map(len, self.requests))


@dataclass(frozen=True)
class Progress:
    """Where a training stands: the loss is the mean over the answer tokens of the step; `done` of
    the steps were made in this run, with so many tokens in so many seconds."""

    step: int
    steps: int
    done: int
    loss: float
    rate: float
    tokens: int
    seconds: float


class Trainer:
    """A model with an adapter that is trained on some samples and tested on others. Raises
    `PlanError` (E603) for a model whose adapter could not be written."""

    def __init__(
        self, path: Path, settings: Settings, learned: Sequence[Pack], tested: Sequence[Pack]
    ) -> None:
        torch.manual_seed(settings.seed)
        self.settings = settings
        self.learned = learned
        self.tested = tested
        self.digest = files.digest(path)
        """The SHA-256 of the model's file."""
        start = settings.start and files.digest(settings.start)
        self.told = {**vars(settings), "start": start}
        """The settings as an adapter's file tells them."""
        told = repr((self.digest, self.told, learned, tested))
        self._what = hashlib.sha256(told.encode()).hexdigest()
        with redirect_stderr(StringIO()):  # bars of progress
            model = AutoModelForCausalLM.from_pretrained(
                str(path.parent),
                gguf_file=path.name,
                quantization_config=GgufConfig(dequantize=True),
                dtype=torch.bfloat16,
                attn_implementation="eager",  # on a CPU the fastest for texts as short as these
            )
        self.architecture = str(GGUFReader(path).fields[Keys.General.ARCHITECTURE].contents())
        self.heads = (model.config.num_attention_heads, model.config.num_key_value_heads)
        lora = peft.LoraConfig(
            r=settings.rank,
            lora_alpha=settings.alpha,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by an old name
            self.model = peft.get_peft_model(model, lora)
        require_exportable(self.state())
        if settings.start is not None:
            begun = weights(settings.start, self.state(), self.architecture, self.heads)
            found = {name: torch.from_numpy(array.copy()) for name, array in begun.items()}
            peft.set_peft_model_state_dict(self.model, found)
        self.model.train()
        units = model.config.num_hidden_layers * (
            model.config.hidden_size + model.config.intermediate_size
        )
        self.at_once = _AT_ONCE * _UNITS // units
        """How many tokens are in memory at once."""
        head = model.get_output_embeddings().weight
        answers = {token for one in _requests((*learned, *tested)) for token in one.answer}
        self.vocabulary = torch.tensor(sorted(answers | set(range(min(_COMMON, len(head))))))
        self.head = head[self.vocabulary].detach().contiguous()
        self.weights = [p for p in self.model.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(self.weights, lr=settings.rate, weight_decay=0.0)
        self.losses: list[float] = []
        """The loss of every step so far."""
        self.tests: list[Test] = []
        """The tests so far: one before the first step, and some after."""

    def train(
        self,
        tell: Callable[[Progress], None],
        checkpoint: Path,
        every: float = 600.0,
    ) -> None:
        """Trains from the checkpoint on, if there is one; it is written every so many seconds, and
        when `tell`, which hears of each step, raises `KeyboardInterrupt`.
        Raises `PlanError` (E603) if it is of another training, E105 if it cannot be written."""
        batches = list(_batches(self.learned, self.settings))
        if sum(len(one) for batch in batches for one in batch) > _LONG:
            _compile(self.model.get_base_model().model.layers)
        first = self._resume(checkpoint) if checkpoint.exists() else 0
        if not self.tests:
            self.tests.append(self.test())
        tests = max(1, min(_TESTS, len(batches) // _BETWEEN))
        kept = begin = time.monotonic()
        tokens = 0
        for step in range(first, len(batches)):
            rate = self._rate(step, len(batches))
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            loss = self._step(batches[step])
            self.losses.append(loss)
            tokens += sum(map(len, batches[step]))
            now = time.monotonic()
            done = step + 1 - first
            if (step + 1) * tests // len(batches) > step * tests // len(batches):
                self.tests.append(self.test())
            try:
                tell(Progress(step + 1, len(batches), done, loss, rate, tokens, now - begin))
            except KeyboardInterrupt:
                self._keep(checkpoint)
                raise
            if now - kept > every or step + 1 == len(batches):
                self._keep(checkpoint)
                kept = now

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def test(self) -> Test:
        """What the model makes by now of the samples that are kept for testing."""
        self.model.eval()
        total, count, right = 0.0, 0, 0
        for batch in _parts(self.tested, self.at_once):
            hidden, wanted = self._hidden(batch)
            logits = torch.nn.functional.linear(hidden, self.head).float()
            total += float(torch.nn.functional.cross_entropy(logits, wanted, reduction="sum"))
            count += len(wanted)
            answers = [len(one.answer) for one in _requests(batch)]
            hits = (logits.argmax(-1) == wanted).split(answers)
            right += sum(bool(one.all()) for one in hits)
        self.model.train()
        tested = len(list(_requests(self.tested)))
        return Test(len(self.losses), total / max(count, 1), right / max(tested, 1))

    def state(self) -> dict[str, np.ndarray[Any, Any]]:
        """The adapter's weights, by their names in the model."""
        # It would ask a hub whether the vocabulary has changed.
        found = peft.get_peft_model_state_dict(self.model, save_embedding_layers=False)
        return {name: tensor.detach().float().numpy() for name, tensor in found.items()}

    def _step(self, batch: Sequence[Pack]) -> float:
        answers = sum(len(one.answer) for one in _requests(batch))
        total = 0.0
        for together in _parts(batch, self.at_once):
            hidden, wanted = self._hidden(together)
            cut = hidden.detach().requires_grad_()
            for part, labels in _chunks(cut, wanted):
                loss = self._loss_of(part, labels) / answers
                loss.backward()
                total += float(loss.detach())
            hidden.backward(cut.grad)
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        return total

    def _hidden(self, batch: Sequence[Pack]) -> tuple[torch.Tensor, torch.Tensor]:
        """The states from which the answers' tokens are told, of shape (answers, width), and
        these tokens. What fills a row up to the longest stands behind it, where causal attention
        does not see it."""
        shape = (len(batch), max(map(len, batch)))
        ids, wanted = torch.zeros(shape, dtype=torch.long), torch.full(shape, _IGNORED)
        places = torch.zeros(shape, dtype=torch.long)
        whose = torch.zeros(shape, dtype=torch.long)  # the number of the request, 0 for all
        for row, pack in enumerate(batch):
            begin = at = len(pack.beginning)
            ids[row, :at] = torch.tensor(pack.beginning)
            places[row, :at] = torch.arange(at)
            for number, one in enumerate(pack.requests, 1):
                here = slice(at, at + len(one))
                ids[row, here] = torch.tensor([*one.prompt, *one.answer])
                places[row, here] = torch.arange(begin, begin + len(one))
                whose[row, here] = number
                wanted[row, at + len(one.prompt) - 1 : at + len(one) - 1] = torch.tensor(one.answer)
                at += len(one)
        seen = (whose[:, None, :] == 0) | (whose[:, None, :] == whose[:, :, None])
        mask = torch.zeros(seen.shape, dtype=torch.bfloat16)
        mask.masked_fill_(~seen.tril(), torch.finfo(torch.bfloat16).min)
        with torch.autocast("cpu", torch.bfloat16), disable_input_dtype_casting(self.model):
            states = self.model.get_base_model().model(
                input_ids=ids, attention_mask=mask[:, None], position_ids=places, use_cache=False
            )
        states, at = states.last_hidden_state, wanted != _IGNORED
        return states[at], torch.searchsorted(self.vocabulary, wanted[at])

    def _loss_of(self, hidden: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        logits = torch.nn.functional.linear(hidden, self.head).float()
        return torch.nn.functional.cross_entropy(logits, wanted, reduction="sum")

    def _rate(self, step: int, steps: int) -> float:
        """A linear beginning, a fifth of a short training, and a cosine to nothing."""
        settings = self.settings
        warmup = min(settings.warmup, max(1, steps // 5))
        if step < warmup:
            return settings.rate * (step + 1) / warmup
        done = (step - warmup) / max(1, steps - warmup)
        return settings.rate * 0.5 * (1 + math.cos(math.pi * done))

    def _keep(self, path: Path) -> None:
        part = path.with_suffix(".part")
        state = {
            "what": self._what,
            "losses": self.losses,
            "tests": [asdict(test) for test in self.tests],
            "weights": [weight.detach() for weight in self.weights],
            "optimiser": self.optimiser.state_dict(),
        }
        try:
            torch.save(state, part)
            part.replace(path)
        except (OSError, RuntimeError) as error:
            message = f"`{path}` cannot be written: {error}"
            raise PlanError(Diagnostic(CANNOT_WRITE, message)) from error

    def _resume(self, path: Path) -> int:
        try:
            state: dict[str, Any] = torch.load(path, weights_only=True)
        except (OSError, RuntimeError, EOFError, UnpicklingError) as error:
            raise _unfit(path, "is no checkpoint") from error
        if state.get("what") != self._what:
            raise _unfit(path, "is of a training with another model, other requests or settings")
        with torch.no_grad():
            for weight, kept in zip(self.weights, state["weights"], strict=True):
                weight.copy_(kept)
        self.optimiser.load_state_dict(state["optimiser"])
        self.losses = state["losses"]
        self.tests = [Test(**test) for test in state["tests"]]
        return len(self.losses)


def _compile(layers: Iterable[torch.nn.Module]) -> None:
    """Makes a layer one piece of machine code, which takes a minute and then saves a quarter of the
    time, if there is a C++ compiler."""
    try:
        torch.compile(torch.sin)(torch.zeros(1))
    except RuntimeError:
        return
    for layer in layers:
        layer.forward = torch.compile(layer.forward, dynamic=True)


def _unfit(path: Path, what: str) -> PlanError:
    return PlanError(
        Diagnostic(
            NO_TRAINING,
            f"`{path}` {what}",
            hint="delete it to begin anew, or name another file with --out",
        )
    )


def _requests(packs: Iterable[Pack]) -> Iterator[Tokens]:
    return (one for pack in packs for one in pack.requests)


def _batches(packs: Sequence[Pack], settings: Settings) -> Iterator[list[Pack]]:
    """The packs in batches of about the same length, in another order in each epoch."""
    rng = Random(settings.seed)
    for _ in range(settings.epochs):
        order = list(packs)
        rng.shuffle(order)
        batches: list[list[Pack]] = []
        for alike in _groups(order, _ALIKE * settings.batch):
            batches += _groups(sorted(alike, key=len), settings.batch)
        rng.shuffle(batches)
        yield from batches


def _groups(packs: Iterable[Pack], count: int) -> Iterator[list[Pack]]:
    """Packs in their order, as many at a time as have so many requests."""
    group: list[Pack] = []
    for pack in packs:
        group.append(pack)
        if sum(len(one.requests) for one in group) >= count:
            yield group
            group = []
    if group:
        yield group


def _parts(packs: Iterable[Pack], tokens: int) -> Iterator[list[Pack]]:
    """Packs in their order, at a time one or more of so many tokens at most, with those that fill
    the rows up."""
    part: list[Pack] = []
    for one in packs:
        longest = max(map(len, (*part, one)))
        if part and longest * (len(part) + 1) > tokens:
            yield part
            part = []
        part.append(one)
    if part:
        yield part


def _chunks(
    hidden: torch.Tensor, wanted: torch.Tensor
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    yield from zip(hidden.split(_CHUNK), wanted.split(_CHUNK), strict=True)
