"""When a plan is over although its model would go on."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from planc.decode.closing import BYTES
from planc.decode.constraint import PlanConstraint
from planc.decode.ending import (
    LEAVING,
    REFUSAL,
    leaves,
    leaves_out,
    leaving,
    refuses,
    repeats,
    without_unused,
)
from planc.decode.grammar import FOREIGN, NO_TOOL
from planc.decode.lessons import LESSONS
from tests.planning_tools import TOOLS

A, B, OTHER, END = range(4)


@pytest.mark.parametrize(
    ("likely", "over"),
    [
        ({A: 1.0, OTHER: 2 * LEAVING}, True),
        ({A: 1.0, OTHER: LEAVING / 2}, False),
        ({A: 1.0, END: 2 * LEAVING}, True),  # the end of text is not going on
        ({A: 1.0, OTHER: 0.6 * LEAVING, END: 0.6 * LEAVING}, True),  # both together
        ({A: 0.5, B: 0.5, OTHER: LEAVING}, False),  # a share of all, not of the likeliest
        ({END: 1.0}, True),
    ],
)
def test_a_model_leaves_a_plan_by_what_it_would_rather_write(
    likely: dict[int, float], over: bool
) -> None:
    logits = np.log(np.array([likely.get(token, 1e-9) for token in range(4)]))
    allowed = np.array([1, 1, 0, 1, 0, 0, 0, 0])  # longer than the vocabulary, as masks are
    assert leaves(logits + 7, allowed, [END], LEAVING) is over


@pytest.mark.parametrize(
    ("request_text", "plan", "left"),
    [
        ("What are 7% of 1,000.50 and 12?", "f(percent=0.07, of=1000.5)\n", True),
        ("What are 7% of 1,000.50 and 12?", "f(percent=0.07, of=1000.5)\nf(of=12)\n", False),
        ("Revenues of $1.2M", "f(revenue=1200000)\n", False),
        ("What are 7% of 9?", "f(percent=7, of=9)\n", False),
        ("Case 'A-1' and case 'B'", 'f(case="a-1")\n', False),  # one letter is no value
        ("Case 'A-1' and case \"Bb\"", 'f(case="A-1")\n', True),
        ("It's Bo's car", "f()\n", False),
        ("At 9 or 19", "f(at=19)\n", True),
    ],
)
def test_a_plan_leaves_out_what_a_request_states(request_text: str, plan: str, left: bool) -> None:
    assert leaves_out(request_text, plan) is left


@pytest.mark.parametrize(
    ("likely", "bound", "refused"),
    [
        ({A: 0.4, B: 0.1, END: 0.49}, 0.5, False),
        ({A: 0.4, END: 0.51, OTHER: 0.09}, 0.5, True),
        ({A: 0.4, B: 0.41, END: 0.19}, 0.2, False),
        ({A: 0.4, B: 0.39, END: 0.21}, 0.2, True),
    ],
)
def test_a_model_refuses_by_how_likely_it_says_so(
    likely: dict[int, float], bound: float, refused: bool
) -> None:
    logits = np.log(np.array([likely.get(token, 1e-9) for token in range(4)]))
    assert refuses(logits + 7, END, bound) is refused


@pytest.mark.parametrize(
    ("statements", "repeated"),
    [
        (["f(x=1)", "f(x=1)"], True),
        (["a = f(x=1)", "g()", "b = f(x=1)"], True),
        (["a = f(x=1)", "f(x=2)"], False),
        (["f(x=1)"], False),
        (['f(x="b = 1")', 'f(x="c = 1")'], False),
    ],
)
def test_a_call_is_repeated_whatever_its_variable(statements: list[str], repeated: bool) -> None:
    assert repeats(statements) is repeated


class Writer:
    """A model that wants to write a text, byte by byte, as far as it is let."""

    def __init__(
        self,
        greedy: bool = True,
        refusal: float | None = REFUSAL,
        request: str = "",
        taught: bool = False,
    ) -> None:
        self.constraint = PlanConstraint(
            BYTES, TOOLS, request, "numpy", greedy=greedy, refusal=refusal, taught=taught
        )
        self.text: list[int] = []

    def wants(self, sign: str, or_else: str = "") -> int:
        """The token that it is let write in place of the sign that it wants most, and of the one
        that it wants next."""
        logits = np.zeros((1, 320), np.float32)
        logits[0, [ord(other) for other in or_else]] = 19
        logits[0, ord(sign)] = 20
        masked = self.constraint.process_logits(np.array([self.text]), logits)
        assert self.constraint.error is None
        return int(masked[0].argmax())

    def write(self, text: str, then: str = "r", or_else: str = "") -> int:
        """Writes a text as far as it is let, and gives the token that it is let write in place of
        the sign that it wants then."""
        for sign in text:
            token = self.wants(sign)
            if token == BYTES.eos_token:
                return token
            assert token == ord(sign)
            self.text.append(token)
        return self.wants(then, or_else)

    @property
    def statements(self) -> list[str]:
        return self.constraint.matchers[0].statements


REMIND = 'remind(at="2026-11-24 10:00:00")'
OPEN = 'open_note(name="x")'


def test_a_plan_ends_where_its_model_would_leave_it() -> None:
    assert Writer().write(f"{REMIND}\n", then="!") == BYTES.eos_token
    assert Writer().write(f"{REMIND}\n", then="o") == ord("o")


def test_a_taught_model_ends_its_plan_by_its_own_choice_while_something_is_unused() -> None:
    end, unused = chr(BYTES.eos_token), "Remind me of 3 things"
    assert Writer(request=unused).write(f"{REMIND}\n", then="o", or_else=end) == BYTES.eos_token
    taught = partial(Writer, taught=True)
    assert taught(request=unused).write(f"{REMIND}\n", then="o", or_else=end) == ord("o")
    assert taught(request=unused).write(f"{REMIND}\n", then=end, or_else="o") == BYTES.eos_token
    assert taught().write(f"{REMIND}\n", then="o", or_else=end) == BYTES.eos_token
    assert taught().write(f"{REMIND}\n", then="o") == ord("o")


def test_a_variable_that_no_call_is_for_ends_the_plan_before_it() -> None:
    writer = Writer()
    assert writer.write(f"{REMIND}\ntotal =", then="1") == BYTES.eos_token
    assert writer.statements == [REMIND]
    assert writer.constraint.matchers[0].complete
    assert Writer().write(f"{REMIND}\ntotal =", then=" ") == ord(" ")
    assert Writer().write("total =", then="1") != BYTES.eos_token


def test_a_plan_ends_on_a_line_of_its_own() -> None:
    end = chr(BYTES.eos_token)
    assert Writer().write(REMIND, then=end, or_else=" ") == ord("\n")  # and not ` if ...`
    assert Writer().write(REMIND, then=end) == ord("\n")
    assert Writer().write(f"{REMIND}\n", then=end) == BYTES.eos_token
    assert Writer(greedy=False).write(REMIND, then=end) == BYTES.eos_token


def test_it_is_not_left_where_it_is_sampled() -> None:
    assert Writer(greedy=False).write(f"{REMIND}\n", then="!") != BYTES.eos_token


def test_it_is_not_left_while_the_result_of_a_lookup_is_unused() -> None:
    writer = Writer()
    assert writer.write(f"note = {OPEN}\n", then="!") != BYTES.eos_token
    assert writer.constraint.matchers[0].unused == {"note"}
    writer = Writer()
    writer.write(f"note = {OPEN}\nagain = open_note(name=note.content)\n")
    assert writer.constraint.matchers[0].unused == {"again"}


def test_a_plan_ends_at_a_call_that_it_has_made() -> None:
    text = f"{OPEN}\n{REMIND}\nnote = {OPEN}\n"
    writer = Writer()
    assert writer.write(text) == BYTES.eos_token
    assert writer.statements == [OPEN, REMIND]
    writer = Writer(greedy=False)
    assert writer.write(text) == ord("r")
    assert writer.statements == [OPEN, REMIND, f"note = {OPEN}"]


LOOK_UP = 'sid = get_address(name="Sid")\n'
SEND = 'send(to=["nia@osei.example"], body="x")\n'


@pytest.mark.parametrize(
    ("request_", "before", "free"),
    [
        ("Mail Sid and nia@osei.example", "", False),
        ("Mail Sid and nia@osei.example", SEND, True),
        ("Mail Sid", "", True),
        ("Mail Sid of a@b.c", "", True),  # too short to tell
    ],
)
def test_what_the_request_states_is_used_before_anything_is_looked_up(
    request_: str, before: str, free: bool
) -> None:
    assert (Writer(request=request_).write(f"{before}sid = ", then="g") == ord("g")) is free
    sampled = Writer(request=request_, greedy=False)
    assert sampled.write(before + LOOK_UP, then="s") == ord("s")


@pytest.mark.parametrize(
    ("plan", "kept"),
    [
        ([LOOK_UP, SEND], [SEND]),
        ([LOOK_UP, 'send(to=[sid], body="x")'], [LOOK_UP, 'send(to=[sid], body="x")']),
        ([SEND, LOOK_UP], [SEND, LOOK_UP]),  # it is what was asked for
        ([LOOK_UP, f"note = {OPEN}"], [LOOK_UP, f"note = {OPEN}"]),
        ([OPEN, SEND], [OPEN, SEND]),  # without a name it was for no later line
        ([f"sent = {SEND}", SEND], [f"sent = {SEND}", SEND]),  # it changes something
        ([f"a = {OPEN}", "b = open_note(name=a.name)", SEND], [SEND]),
        ([LOOK_UP, SEND, "return sid"], [LOOK_UP, SEND, "return sid"]),
    ],
)
def test_a_lookup_that_was_for_a_later_line_and_is_not_used_is_left_out(
    plan: list[str], kept: list[str]
) -> None:
    assert without_unused(plan, TOOLS) == kept


def test_a_plan_for_a_request_that_some_tool_serves_is_not_refused() -> None:
    assert Writer().wants("#") == ord("#")
    assert Writer(refusal=None).wants("#", or_else="o") == ord("o")
    assert NO_TOOL.startswith("#")


def test_what_is_sampled_may_be_refused_however_seldom() -> None:
    assert Writer().wants("o", or_else="#") == ord("o")
    assert Writer(greedy=False, refusal=None).wants("#") == ord("#")


def test_no_variable_is_named_after_a_tool_of_the_lessons() -> None:
    named = {name.replace(".", "_") for lesson in LESSONS for name in lesson}
    assert named <= set(FOREIGN)


def test_a_model_must_be_surer_while_something_is_unused_and_where_it_was_taught() -> None:
    done, early = ("Order 3 pens", "order(count=3)"), ("Order 3 pens", "order()")
    assert leaving(*done, False) < leaving(*early, False) <= leaving(*done, True)
    assert leaving(*done, True) < leaving(*early, True)
