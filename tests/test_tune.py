"""What a model is taught: the made-up requests and their plans, and the adapter's file."""

from __future__ import annotations

import hashlib
import json
import re
import struct
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Annotated, Any

import numpy as np
import pytest

from planc import adapters, files, models, toolset
from planc.cli.settings import Settings
from planc.compile import compile_plan
from planc.decode.probe import refused_at
from planc.decode.prompt import Request, taught
from planc.diagnostics import PlanError
from planc.source import Source
from planc.testing.toolsets import random_tools
from planc.tools import Example, Tool, ToolSet, from_function
from planc.tune import unseen
from planc.tune.data import given, made_up, uncalled
from planc.tune.export import export, rank_and_alpha, require_exportable, weights
from planc.tune.general import catalogue
from planc.tune.general.catalogue import Entry
from planc.tune.general.values import Forms, drawn
from planc.tune.leakage import benchmarks, report
from planc.tune.paraphrase import paraphrased
from planc.tune.samples import HELD_OUT, Draw, Sample, Split
from planc.tune.standard import frames, times, words
from planc.tune.standard.requests import request
from planc.tune.standard.script import Person, Script
from planc.types import STR, Nominal, Record, RecordField

Unspelt = Annotated[str, Nominal("Unspelt", STR, r"(?=a)b")]

TOOLS = toolset.load(["stdlib_tools"])
GARDEN = toolset.load([str(Path(__file__).parent.parent / "examples" / "tools" / "garden.py")])


def made(count: int, split: Split = "train") -> list[Sample]:
    return [request(Random(f"test {i}"), split) for i in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize("split", ["train", "test"])
def test_every_plan_checks_and_can_be_decoded(split: Split) -> None:
    for sample in made(120, split):
        compile_plan(Source(sample.plan), TOOLS)
        assert refused_at(TOOLS, sample.plan, sample.text) is None, sample


@pytest.mark.slow
@pytest.mark.parametrize("split", ["train", "test"])
def test_requests_over_any_tools_have_plans_that_check_and_can_be_decoded(split: Split) -> None:
    for tools in (GARDEN, random_tools(Random(1)), random_tools(Random(2))):
        found = [
            unseen.request(tools, list(tools.values()), Random(f"{split} {i}"), split)
            for i in range(60)
        ]
        samples = [one for one in found if one is not None]
        assert len(samples) > 30
        for sample in samples:
            compile_plan(Source(sample.plan), tools)
    assert any("bed=result1" in one.plan for one in made_up(GARDEN, 100, 0, split))


def test_as_many_requests_are_made_up_as_are_asked_for_or_none() -> None:
    samples = made_up(GARDEN, 40, 0, "train")
    assert len({sample.text for sample in samples}) == 40
    assert made_up(TOOLS, 3, 0, "train")[0].drawn  # the standard tools have frames of their own
    bell = ToolSet([from_function(nothing, effect="write")])
    with pytest.raises(PlanError, match=r"E603.*only \d+ requests"):
        made_up(bell, 4000, 0, "train")
    found = made_up(bell, 4000, 0, "test", least=1)
    assert 0 < len(found) < 4000 and any(one.plan for one in found)
    assert sum(not one.plan for one in found) <= 8


def test_tools_beside_the_standard_ones_are_taught_too() -> None:
    def order_stock(amounts: dict[str, int], until: Unspelt | int) -> None: ...

    def set_timer(room: str) -> None: ...

    def wait_for(nothing: Unspelt) -> None: ...

    own = [from_function(one, effect="write") for one in (order_stock, set_timer, wait_for)]
    tools = ToolSet([*TOOLS.values(), *own])
    samples = made_up(tools, 300, 0, "train")
    assert "wait_for" in uncalled(tools, samples)
    called = set(tools) - set(uncalled(tools, samples))
    assert {"order_stock", "set_timer", "compose_new_email"} <= called
    assert not any("timer" in one.text for one in samples if not one.plan)
    assert any("timer" in one.text for one in made_up(TOOLS, 300, 0, "train") if not one.plan)


def test_samples_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    line = '{"text": "Ring", "now": "2026-03-02 08:15:00", "plan": "ring(times=1)\\n"}\n'
    tools = ToolSet([from_function(ring, effect="write")])
    path.write_text(line + "\n" + line)
    assert [sample.text for sample in given(path, tools)] == ["Ring", "Ring"]
    for bad, reason in [
        ("ring", "line 1"),
        ('{"text": "Ring"}', "now"),
        (line.replace('"Ring"', "null"), "string"),
        (line.replace('"Ring"', '" "'), "empty"),
        (line.replace("2026", "9999"), "year 9999"),
        (line.replace("times=1", "times=x"), "`x`"),
        (line.replace("times=1", "times=1 + 1"), "cannot write"),
        ("[" * 100_000, "line 1"),
        (line, "1 samples"),
    ]:
        path.write_text(bad)
        with pytest.raises(PlanError, match=f"(?s)E603.*{reason}"):
            given(path, tools)
    path.write_text(line + "ring\n" + line + "[]\n" + 40 * "{}\n")
    with pytest.raises(PlanError, match=r"(?s)E603.*line 2 of .*line 4 of ") as caught:
        given(path, tools)
    assert len(caught.value.diagnostics) == 20
    path.write_text(line + line)
    with pytest.raises(PlanError, match=r"E603.*`tools` of its own"):
        given(path, None)
    schema = '{"name": "ring%d", "parameters": {"type": "object", "properties": {}}}'
    many = ", ".join(schema % i for i in range(33))
    path.write_text(2 * (line.strip()[:-1] + f', "tools": [{many}]}}\n'))
    with pytest.raises(PlanError, match=r"E603.*33 tools"):
        given(path, None)
    own = '"tools": [{"name": "ring", "parameters": {"type": "object", "properties": {}}}]}'
    path.write_text(2 * (line.replace("times=1", "").strip()[:-1] + f", {own}\n"))
    assert [one.tools[0]["name"] for one in given(path, None)] == ["ring", "ring"]


@pytest.mark.parametrize("number", ["5e-6", "1.5e-07", "2e22", "6.02e23", "0.5", "120.0"])
def test_a_number_may_be_given_in_any_form(number: str, tmp_path: Path) -> None:
    def weigh(grams: float) -> None: ...

    path = tmp_path / "requests.jsonl"
    plan = f"weigh(grams={number})\n"
    row = {"text": f"Weigh {number}", "now": "2026-03-02 08:15:00", "plan": plan}
    path.write_text(2 * f"{json.dumps(row)}\n")
    first, _ = given(path, ToolSet([from_function(weigh, effect="write")]))
    assert float(first.plan.removeprefix("weigh(grams=").rstrip(")\n")) == float(number)


def test_a_request_that_takes_too_much_memory_is_told() -> None:
    from planc.decode.prompt import Message
    from planc.tune.teach import tokens

    class Words:
        """A chat's words as its tokens."""

        end = 0

        def __call__(self, chat: list[Message]) -> list[int]:
            return [1] * sum(len(message["content"].split()) for message in chat)

        def text(self, text: str) -> list[int]:
            return [1] * len(text.split())

        def defused(self, text: str) -> str:
            return text

    words: Any = Words()
    now = datetime(2026, 3, 2)
    assert len(tokens(Sample("Ring " * 500, now, "ring()\n"), words, taught)) > 500
    with pytest.raises(PlanError, match=r"E603.*more than 1536"):
        tokens(Sample("Ring " * 3000, now, "ring()\n"), words, taught)
    with pytest.raises(PlanError, match=r"E603.*more than 1024"):
        tokens(Sample("Ring", now, "ring()\n" * 1100), words, taught)


def test_a_request_that_tests_shares_no_frame_and_no_entity_with_one_that_trains() -> None:
    trained = {one for sample in made(600) for one in sample.drawn}
    tested = {one for sample in made(300, "test") for one in sample.drawn}
    assert len(trained) > 1000 and len(tested) > 100
    assert not trained & tested


@pytest.mark.slow
def test_nothing_that_is_taught_stands_in_a_benchmark() -> None:
    known, _ = benchmarks()
    asked = known["assistant"][0]
    samples = made_up(TOOLS, 2000, 0, "train")
    found = report(samples, known)
    assert found.requests == found.texts == 2000
    assert found.leaked == dict.fromkeys(known, 0)
    copied = Sample(f"Well, {asked.lower()}!", samples[0].now, "")
    assert report([copied], known).leaked["assistant"] == 1


def test_each_list_has_something_to_test() -> None:
    lists = [
        of
        for module in (frames, words)
        for name, of in vars(module).items()
        if name.isupper()
        and isinstance(of, tuple | list)
        and not name.endswith(("PAPER", "FILES", "TABLES"))
    ]
    lists += [*frames.MODES.values(), *frames.MODE_NOUNS.values()]
    assert len(lists) > 80
    assert min(map(len, lists)) >= HELD_OUT


def test_what_is_asked_is_in_the_plan_and_the_other_way_round() -> None:
    for sample in made(300):
        for name in re.findall(r'get_\w+\(name="([^"]*)"\)', sample.plan):
            assert name in sample.text, sample
        for file in re.findall(r'file_name="([^"]*)"', sample.plan):
            assert file in sample.text, sample


def test_a_lookup_is_made_once() -> None:
    script = Script()
    ana = Person("Ana", name="Ana")
    assert script.email(ana) == script.email(ana) == "ana"
    assert script.phone(ana) == "ana_phone"
    assert script.email(Person("Ana Ricci", name="Ana Ricci")) == "ana2"
    assert script.text.count("get_email_address") == 2


def test_the_prompt_of_a_taught_model_is_of_the_form_that_adapters_name() -> None:
    """Another form asks for another number, with which older adapters fit no more."""
    text = "Lunch tomorrow at noon for an hour, or on Monday"
    asked = taught(Request(text, datetime(2026, 11, 27, 10, 5)))
    told = "Friday 2026-11-27 10:05, tomorrow 2026-11-28, Monday 2026-11-30, an hour 12:00 to 13:00"
    assert asked == [
        {"role": "system", "content": "Plan."},
        {"role": "user", "content": f"{told}\n{text}"},
    ]
    assert adapters.digest({}) == hashlib.sha256(b"prompt 2\n").hexdigest()


@pytest.mark.parametrize("seed", range(40))
def test_a_time_is_said_as_it_is_meant(seed: int) -> None:

    draw = Draw(Random(seed), "train")
    now = times.clock(draw)
    when = times.when(draw, now)
    assert when.at > now.replace(second=0)
    weekdays = re.findall(r"\w+day\b", when.day.replace("today", "").replace("birthday", ""))
    assert not weekdays or weekdays == [f"{when.at:%A}"]
    numbers = re.findall(r"\d+", when.day)
    if re.search(r"\d(st|nd|rd|th)|January|June|October", when.day):
        assert str(when.at.day) in numbers


def ring(times: int) -> None: ...


def nothing() -> None: ...


def record_tool(field: str) -> Tool:
    """A tool whose result is a record `Note` with that field."""
    return Tool("open_note", "", (), Record((RecordField(field, STR),), "Note"), "read")


def test_an_adapter_goes_with_a_model_and_the_signatures_of_the_tools(tmp_path: Path) -> None:
    def other(times: str) -> None: ...

    tools = ToolSet([from_function(ring, effect="write")])
    changed = ToolSet([from_function(other, effect="write", name="ring")])
    assert adapters.digest(tools) != adapters.digest(changed)
    noted = [record_tool(field) for field in ("title", "name")]
    assert len({tool.signature() for tool in noted}) == 1
    assert len({adapters.digest(ToolSet([tool])) for tool in noted}) == 2
    mine = adapters.Adapter(tmp_path, "", "m", adapters.digest(tools), "ring", "")
    assert adapters.fitting([mine], "m", tools) == (mine, None)
    assert adapters.fitting([mine], "m", changed) == (None, mine)
    assert adapters.fitting([mine], "other", tools) == (None, None)
    assert adapters.fitting([mine], None, tools) == (None, None)


def told(*entries: bytes, count: int | None = None) -> bytes:
    """The bytes of a GGUF file without tensors that holds so many entries of metadata."""
    number = len(entries) if count is None else count
    return b"GGUF" + struct.pack("<IQQ", 3, 0, number) + b"".join(entries)


KEY_A = struct.pack("<Q", 1) + b"a"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GGUF",
        b"GGUF" + bytes(64),
        b"notes",
        told(),
        told(count=2**64 - 1),
        told(KEY_A + struct.pack("<IIQ", 9, 0, 2**64 - 1)),  # a list of bytes without end
        told(KEY_A + struct.pack("<IQ", 8, 2**64 - 1)),  # such a text
        told(struct.pack("<Q", 2**62)),
        told(KEY_A + struct.pack("<IQ", 8, 1) + b"\xff"),
        told(KEY_A + struct.pack("<I", 99)),
    ],
)
def test_a_file_that_is_no_adapter_is_told(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(content)
    with pytest.raises(PlanError, match="E307"):
        adapters.read(path)
    with pytest.raises(PlanError, match="E307"):
        adapters.read(tmp_path / "none.gguf")


def test_an_adapter_that_is_none_is_told_before_a_model_is_loaded(tmp_path: Path) -> None:
    from planc.decode.planner import Planner

    path = tmp_path / "a.gguf"
    path.write_bytes(b"notes")
    planner = Planner("smollm2-135m", 0, lambda *told: None, adapter=str(path))
    with pytest.raises(PlanError, match="E307"):
        planner.adapter_for(TOOLS)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("base.model.model.layers.0.self_attn.qkv_proj.lora_A.weight", "qkv_proj"),
        ("base.model.model.layers.0.mlp.c_fc.lora_A.weight", "c_fc"),
    ],
)
def test_a_model_whose_adapter_could_not_be_written_is_told(name: str, message: str) -> None:
    require_exportable(["base.model.model.layers.0.self_attn.q_proj.lora_A.weight"])
    with pytest.raises(PlanError, match=f"E603.*{message}"):
        require_exportable([name])


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
def test_the_weights_of_an_adapter_are_read_as_they_were_written(
    architecture: str, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    name = "base_model.model.model.layers.0.self_attn.{}_proj.lora_{}.weight"
    state = {
        name.format(kind, half): rng.normal(size=shape).astype(np.float16)
        for kind, width in (("q", 24), ("k", 8), ("v", 8))
        for half, shape in (("A", (4, 24)), ("B", (width, 4)))
    }
    path = tmp_path / "a.gguf"
    export(path, state, architecture, (6, 2), 8, {"general.name": "a"})
    assert rank_and_alpha(path) == (4, 8)
    found = weights(path, state, architecture, (6, 2))
    assert all(np.array_equal(found[key], state[key]) for key in state)
    with pytest.raises(PlanError, match=r"E603.*attn_output"):
        weights(path, [name.format("o", "A")], architecture, (6, 2))


def test_what_does_not_go_with_an_adapter_to_start_from_is_told(tmp_path: Path) -> None:
    from tests.test_cli import planc

    start = identity(tmp_path / "start.gguf", adapters.ANY)
    done = planc("tune", "--out", str(tmp_path / "b.gguf"), "--start", str(start), "--rank", "8")
    assert done.returncode == 2 and "--rank" in done.stderr
    begun = adapters.read(start)
    bare = tmp_path / "bare.gguf"
    export(
        bare,
        {},
        "llama",
        (9, 3),
        8,
        {
            adapters.MODEL: begun.model,
            adapters.TOOLS: "any",
            adapters.NAMES: "any",
            adapters.MADE: "{}",
        },
    )
    with pytest.raises(PlanError, match=r"E603.*no weights"):
        rank_and_alpha(bare)
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(start.read_bytes()[:-5000])
    with pytest.raises(PlanError, match=r"E603.*damaged"):
        rank_and_alpha(cut)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--data", "{data}", "--samples", "10"], "--samples"),
        (["--only-requests", "--epochs", "2"], "--epochs"),
        (["--only-requests", "--rate", "1e-3"], "--rate"),
        (["--only-requests", "--rank", "8"], "--rank"),
        (["--rate", "0"], "--rate"),
    ],
)
def test_an_option_that_would_do_nothing_is_told(
    given: list[str], told: str, tmp_path: Path
) -> None:
    from tests.test_cli import planc

    data = tmp_path / "requests.jsonl"
    data.write_text("")
    options = [one.format(data=data) for one in given]
    done = planc("tune", "--out", str(tmp_path / "b.gguf"), *options)
    assert done.returncode == 2 and told in done.stderr


@pytest.mark.parametrize("out", ["standard", "qwen2.5-coder-0.5b"])
def test_an_adapter_s_file_ends_as_such_a_file_does(out: str) -> None:
    from tests.test_cli import planc

    done = planc("tune", "--out", out, "--model", "smollm2-135m")
    assert done.returncode == 2 and ".gguf" in done.stderr


def test_an_adapter_is_found_for_a_model_that_only_its_bytes_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from planc.decode.planner import Planner

    monkeypatch.setenv("PLANC_CACHE", str(tmp_path))
    model = tmp_path / "mine.gguf"
    model.write_bytes(b"a model of my own")
    folder = tmp_path / "adapters"
    folder.mkdir()
    own = identity(folder / "own.gguf", adapters.digest(TOOLS), model=files.digest(model))

    def planner() -> Planner:
        return Planner(str(model), 0, lambda *told: None)

    found = planner().adapter_for(TOOLS)
    assert found is not None and found.path == own
    hashed: list[Path] = []
    monkeypatch.setattr("planc.files.digest", lambda path: hashed.append(path) or "0")
    assert planner().adapter_for(TOOLS) is None
    assert planner().adapter_for(GARDEN) is None
    assert hashed == [model]  # those that come with planc are for files of other sizes


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "size"), [("llama", 0.05), ("qwen2", 0.01)])
def test_an_adapter_does_in_llama_cpp_what_it_does_in_training(
    kind: str, size: float, tmp_path: Path
) -> None:
    """With an adapter of random weights, large enough to be seen, the logits agree."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("peft")
    import llama_cpp

    from planc.decode.model import weights_as_they_are
    from planc.tune.lora import Settings, Trainer

    name = {"llama": "smollm2-135m", "qwen2": "qwen2.5-coder-0.5b"}[kind]
    if kind == "qwen2" and not models.installed(models.resolve(name)):
        pytest.skip("the 0.5B model is not here")
    path = models.pull(models.resolve(name), lambda *told: None)
    trainer = Trainer(path, Settings(rank=4), [], [])
    with torch.no_grad():
        for weight in trainer.weights:
            weight.copy_(torch.randn_like(weight) * size)
    out = tmp_path / "a.gguf"
    export(out, trainer.state(), trainer.architecture, trainer.heads, 32, {"general.name": "a"})
    with weights_as_they_are():
        llama = llama_cpp.Llama(str(path), lora_path=str(out), logits_all=True, verbose=False)
        plain = llama_cpp.Llama(str(path), logits_all=True, verbose=False)
    tokens = llama.tokenize(b"Text Ana that the train is late, and remind me at noon.")
    with torch.no_grad():
        trainer.model.eval()
        wanted = trainer.model(input_ids=torch.tensor([tokens])).logits[0].float().numpy()
    for one in (llama, plain):
        one.eval(tokens)
    got, without = llama.scores[: len(tokens)], plain.scores[: len(tokens)]

    def likeness(scores: np.ndarray) -> float:
        pairs = zip(scores, wanted, strict=True)
        return float(np.mean([np.corrcoef(one, other)[0, 1] for one, other in pairs]))

    assert likeness(got) > 0.99
    assert likeness(without) < 0.98


@pytest.mark.slow
def test_what_is_read_together_is_read_as_if_alone() -> None:
    """Requests after one beginning see it and themselves: their loss is that of each by itself,
    where the same answer would be likelier to one that saw it before."""
    pytest.importorskip("torch")
    pytest.importorskip("peft")
    from planc.decode.chat import of_file
    from planc.tune.lora import Pack, Settings, Trainer
    from planc.tune.teach import packs

    now, schemas = datetime(2026, 3, 2, 8, 15), ({"name": "ring", "description": "Ring a bell."},)
    path = models.pull(models.resolve("smollm2-135m"), lambda *told: None)
    plan = 'note(text="The quick brown fox", colour="vermilion")\n'
    texts = ("Ring", "Ring, then write down the fox in vermilion, I beg you", "Note it")
    together = packs([Sample(text, now, plan, tools=schemas) for text in texts], of_file(path))
    assert len(together) == 1 and len(together[0].requests) == 3
    beginning = together[0].beginning
    assert len(beginning) > 20
    alone = [
        Pack.of([replace(one, prompt=(*beginning, *one.prompt))]) for one in together[0].requests
    ]
    assert [len(one.beginning) for one in alone] == [0, 0, 0]
    first = Trainer(path, Settings(rank=4), [], together).test()
    second = Trainer(path, Settings(rank=4), [], alone).test()
    assert first.loss > 1
    assert first.loss == pytest.approx(second.loss, rel=0.01)


@pytest.mark.slow
def test_a_model_learns_and_plans_with_what_it_learned(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("peft")
    from planc.decode.planner import Planner
    from planc.tune.lora import Progress, Settings
    from planc.tune.teach import teach

    tools = ToolSet([from_function(ring, effect="write")])
    now = datetime(2026, 3, 2, 8, 15)
    bells = {"Door": 3, "Ship": 8, "School": 1}
    samples = [Sample(f"{k} bell", now, f"ring(times={n})\n") for k, n in bells.items()]
    path = models.pull(models.resolve("smollm2-135m"), lambda *told: None)
    out, seen = tmp_path / "bell.gguf", list[Progress]()
    settings = Settings(epochs=25, warmup=2, rate=2e-3)
    before, after = teach(path, tools, samples, samples, out, settings, seen.append)
    assert after.loss < before.loss / 3 and after.right == 1 and len(seen) == seen[-1].steps
    again = list[Progress]()
    teach(path, tools, samples, samples, out, settings, again.append)
    assert not again  # it goes on from the checkpoint, which is at the end
    with pytest.raises(PlanError, match=r"E603.*another model, other requests"):
        teach(path, tools, samples[:2], samples, out, settings, again.append)

    further = replace(settings, epochs=3).going_on(out, files.digest(path))
    assert further.rate == settings.rate / 2 and further.rank == settings.rank
    more = tmp_path / "more.gguf"
    begun, _ = teach(path, tools, samples, samples, more, further, again.append)
    assert begun.right == 1 and begun.loss < before.loss / 3  # it begins where the other one ended
    assert files.digest(out) in adapters.read(more).made
    with pytest.raises(PlanError, match=r"E603.*of another model"):
        settings.going_on(out, "0" * 64)

    planner = Planner("smollm2-135m", 0, lambda *told: None, adapter=str(out))
    told = planner.plan("Ship bell", now, tools)
    assert told.compiled.text == "ring(times=8)\n"
    assert told.stats.adapter == "bell" and told.stats.prompt_tokens < 120
    planner.complete("Say yes.", "now")  # without the adapter, which is put on again
    assert planner.plan("Door bell", now, tools).compiled.text == "ring(times=3)\n"
    with pytest.raises(PlanError, match=r"E307.*other tools"):
        planner.plan("Ship bell", now, TOOLS)
    other = Planner("qwen2.5-coder-0.5b", 0, lambda *told: None, adapter=str(out))
    with pytest.raises(PlanError, match=r"E307.*another model"):
        other.adapter_for(tools)


# Requests over tools of their own


def slots_of(frame: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", frame))


@pytest.mark.parametrize("entry", catalogue.all_entries(), ids=lambda entry: entry.name)
def test_an_entry_of_the_catalogue_says_all_that_a_call_needs(entry: Entry) -> None:
    required = {slot.name for slot in entry.slots.values() if slot.required}
    optional = set(entry.slots) - required
    core = slots_of(entry.core)
    assert core and core <= required
    assert len(entry.do) > 2 and len(entry.ask) > 1
    for frame in (*entry.do, *entry.ask):
        assert frame.count("{core}") == 1 and slots_of(frame) - {"core"} == required - core, frame
    assert set(entry.also) == optional
    for name, endings in entry.also.items():
        for ending in endings:
            assert ending[0] in " ," and slots_of(ending) <= {name}
            assert entry.slots[name].kind == "bool" or slots_of(ending) == {name}, ending
    assert set(entry.refs) <= required
    assert set(entry.rows) == {slot.name for slot in entry.slots.values() if slot.fields}
    for slot in entry.slots.values():
        fields = {field.name for field in slot.fields}
        assert all(slots_of(frame) == fields for frame in entry.rows.get(slot.name, ()))
        for one in slot.fields or [slot]:
            assert drawn(one, datetime(2026, 3, 2), Forms(), Random(0)).written


@pytest.mark.parametrize(
    "entry", [entry for entry in catalogue.all_entries() if entry.finds], ids=lambda one: one.name
)
def test_what_looks_things_up_does_so_by_one_name_for_others(entry: Entry) -> None:
    (slot,) = (slot for slot in entry.slots.values() if slot.required)
    assert all(slots_of(frame) == {slot.name} for frame in entry.finds)
    assert entry.identifies is not None
    taken = {
        kind.removeprefix("list of ")
        for one in catalogue.all_entries()
        for slot in one.slots.values()
        for kind in ([field.kind for field in slot.fields] or [slot.kind])
    }
    assert entry.identifies in taken


def test_each_list_of_entities_is_of_use() -> None:
    kinds = {slot.kind for entry in catalogue.all_entries() for slot in entry.slots.values()}
    by = {kind.split(" by ")[1] for kind in kinds if kind.startswith("map of ")}
    assert set(catalogue.entities()) <= by | {kind.removeprefix("list of ") for kind in kinds}


def test_requests_over_tools_of_their_own_can_be_decoded_and_share_no_tool_with_tests() -> None:
    assert not {one.name for one in catalogue.entries("train")} & {
        one.name for one in catalogue.entries("test")
    }
    samples = made_up(None, 120, 0, "train")
    for sample in samples:
        tools = toolset.described(list(sample.tools))
        compile_plan(Source(sample.plan), tools)
        assert refused_at(tools, sample.plan, sample.text) is None
    lines = {sample.plan.count("\n") for sample in samples}
    assert {0, 1, 2, 3} <= lines
    assert any(re.search(r"=\w+\.\w", sample.plan) for sample in samples)  # results passed on
    assert len({len(sample.tools) for sample in samples}) > 4
    assert sum(re.search(r"=\w+\.\w", sample.plan) is not None for sample in samples) > 6
    over = Counter(json.dumps(sample.tools) for sample in samples)
    assert 25 < len(over) < 60 and max(over.values()) == 4


@pytest.mark.slow
def test_nothing_that_is_taught_over_other_tools_stands_in_a_benchmark() -> None:
    known, _ = benchmarks()
    found = report(made_up(None, 1000, 0, "train"), known)
    assert found.texts == 1000
    assert found.leaked == dict.fromkeys(known, 0)


class Reworder:
    """A model that says texts as it is told."""

    def __init__(self, says: dict[str, str]) -> None:
        self.says = says

    def complete(self, instruction: str, text: str, max_tokens: int = 256) -> str:
        assert "other words" in instruction
        return self.says[text]


def test_other_words_are_kept_that_come_to_the_same_plan() -> None:
    now, tools = datetime(2026, 3, 2, 8, 15), ToolSet([from_function(ring, effect="write")])
    benchmark = next(iter(benchmarks()[0].values()))[0]
    says = {
        "Ring twice": 'Would you ring the bell\n"two times"?',
        "Ring 3 times": "Ring thrice",
        "Ring it four times": "ring it four times!",
        "Ring often": "It cannot be planned",
        "Ring once": benchmark,
    }
    plans = {
        'Would you ring the bell "two times"?': "ring(times=2)\n",
        "Ring thrice": "ring(times=4)\n",
        "ring it four times!": "ring(times=4)\n",
        benchmark: "ring(times=1)\n",
    }

    def planned(text: str, when: datetime, over: ToolSet) -> str:
        assert when == now and over is tools
        if text not in plans:
            raise PlanError([])
        return plans[text]

    meant = {"Ring twice": 2, "Ring 3 times": 3, "Ring it four times": 4, "Ring often": 5}
    samples = [Sample(text, now, f"ring(times={meant.get(text, 1)})\n") for text in says]
    found = list(paraphrased(samples, tools, Reworder(says), planned))
    assert [one and one.text for one in found] == [
        'Would you ring the bell "two times"?',
        None,  # another plan
        None,  # the same words
        None,  # no plan
        None,  # of a benchmark
    ]
    assert found[0] is not None and found[0].plan == samples[0].plan


def test_other_words_without_what_a_plan_copies_are_not_kept() -> None:
    now = datetime(2026, 3, 2, 8, 15)
    address = 'compose_new_email(recipients=["a@elmstreet.example"], subject="Hi", body="Hi")\n'
    sample = Sample("Mail Hi to a@elmstreet.example", now, address)
    speaker = Reworder({sample.text: "Send the usual address a Hi"})
    assert refused_at(TOOLS, address, sample.text) is None
    assert list(paraphrased([sample], TOOLS, speaker, lambda *told: address)) == [None]


def identity(path: Path, tools: str, names: str = adapters.ANY, model: str | None = None) -> Path:
    """An adapter that changes nothing, for the smallest model or one of another checksum."""
    shape = {"A": (4, 576), "B": (576, 4)}
    state = {
        f"base_model.model.model.layers.0.self_attn.q_proj.lora_{half}.weight": np.zeros(of)
        for half, of in shape.items()
    }
    about = {
        adapters.MODEL: model or str(models.resolve("smollm2-135m").sha256),
        adapters.TOOLS: tools,
        adapters.NAMES: names,
        adapters.MADE: "{}",
    }
    export(path, state, "llama", (9, 3), 8, about)
    return path


def test_an_adapter_for_any_tools_is_used_where_none_is_for_these(tmp_path: Path) -> None:
    tools = ToolSet([from_function(ring, effect="write")])
    wide = adapters.read(identity(tmp_path / "wide.gguf", adapters.ANY))
    own = adapters.read(identity(tmp_path / "own.gguf", adapters.digest(tools)))
    assert wide.general and not own.general
    assert adapters.fitting([wide, own], wide.model, tools) == (own, None)
    assert adapters.fitting([wide, own], wide.model, TOOLS) == (wide, None)
    assert adapters.fitting([wide, own], "another", TOOLS) == (None, None)


def test_an_adapter_for_an_earlier_form_of_the_tools_is_told_of(tmp_path: Path) -> None:
    tools = ToolSet([from_function(ring, effect="write")])
    old = adapters.read(identity(tmp_path / "old.gguf", "0" * 64, "ring"))
    new = adapters.read(identity(tmp_path / "new.gguf", adapters.digest(tools), "ring"))
    assert adapters.fitting([old], old.model, tools) == (None, old)
    assert adapters.fitting([old], "another", tools) == (None, old)
    assert adapters.fitting([old, new], "another", tools) == (None, None)
    assert adapters.fitting([old, new], new.model, tools) == (new, None)
    assert adapters.fitting([old], old.model, GARDEN) == (None, None)


def test_a_model_that_was_taught_the_tools_is_preferred_unless_one_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANC_CACHE", str(tmp_path))
    (tmp_path / "adapters").mkdir()
    tools = ToolSet([from_function(ring, effect="write")])
    usual = models.default().name
    identity(tmp_path / "adapters" / "wide.gguf", adapters.ANY)
    assert Settings().planner(tools).model.name == usual
    identity(tmp_path / "adapters" / "own.gguf", adapters.digest(tools))
    settings = Settings()
    assert settings.planner(tools).model.name == "smollm2-135m"
    assert settings.planner(tools) is settings.planner(tools)
    assert settings.planner(GARDEN).model.name == usual
    assert settings.planner().model.name == usual
    assert Settings(adapter="none").planner(tools).model.name == usual
    assert Settings(adapter="auto").planner(tools).model.name == "smollm2-135m"
    assert Settings(model="qwen2.5-coder-0.5b").planner(tools).model.name == "qwen2.5-coder-0.5b"


def test_a_file_that_is_no_adapter_stops_nothing_where_adapters_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANC_CACHE", str(tmp_path))
    (tmp_path / "adapters").mkdir()
    (tmp_path / "adapters" / "broken.gguf").write_bytes(b"notes")
    identity(tmp_path / "adapters" / "wide.gguf", adapters.ANY)
    told: list[PlanError] = []
    assert "wide" in {adapter.name for adapter in adapters.known(told.append)}
    assert ["E307" in str(error) for error in told] == [True]


@pytest.mark.slow
def test_with_an_adapter_for_any_tools_the_model_is_shown_these_and_no_lessons(
    tmp_path: Path,
) -> None:
    from planc.decode.planner import NONE, Planner

    path = identity(tmp_path / "wide.gguf", adapters.ANY)
    now, tools = datetime(2026, 3, 2, 8, 15), ToolSet([from_function(ring, effect="write")])
    planner = Planner("smollm2-135m", 0, lambda *told: None, adapter=str(path))
    shown = planner.plan("Ring twice", now, tools).stats
    assert shown.adapter == "wide"
    usual = Planner("smollm2-135m", 0, lambda *told: None, adapter=NONE)
    lessons = usual.plan("Ring twice", now, tools).stats
    assert lessons.adapter is None
    assert 40 < shown.prompt_tokens < lessons.prompt_tokens / 2


@pytest.mark.parametrize(("name", "shown"), [("qwen2.5-coder-1.5b", True), ("smollm2-135m", False)])
def test_a_model_that_learns_from_examples_is_shown_those_of_the_tools(
    name: str, shown: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from planc.decode.planner import Planner

    monkeypatch.setenv("PLANC_CACHE", str(tmp_path))
    (tmp_path / "adapters").mkdir()
    model = str(models.resolve(name).sha256)
    wide = identity(tmp_path / "adapters" / "wide.gguf", adapters.ANY, model=model)
    tool = from_function(ring, effect="write")
    example = Example(text="Ring", plan="ring(times=1)\n", now=datetime(2026, 3, 2))

    def adapter(examples: list[Example]) -> Path | None:
        found = Planner(name, 0, lambda *told: None).adapter_for(ToolSet([tool], examples))
        return found and found.path

    assert adapter([]) == wide
    assert adapter([example]) == (None if shown else wide)


def test_the_adapters_that_come_with_planc_are_those_that_it_names() -> None:
    for model in models.registry().values():
        for file, sha256 in model.adapters.items():
            path = adapters.SHIPPED / file
            assert files.digest(path) == sha256
            assert path.stat().st_size < 25e6
            adapter = adapters.read(path)
            assert adapter.model == model.sha256
            assert adapter.general or adapter.tools == adapters.digest(TOOLS), (
                "the standard tools have changed since the adapter was made: `make adapters`"
            )
