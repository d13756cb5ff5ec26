"""The loop that runs Lark's LALR(1) table.

Four fifths of the reductions of a plan are of rules such as `?sum: product`, which stand for their
only child: a number becomes a power, a product, a sum and so on up to an expression. How far such
a chain of unit reductions goes follows from the state below it and the next token, so each is
followed once and then known (Pager, Eliminating unit productions from LR parsers, 1977).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lark import Lark, Token
from lark.parsers.lalr_analysis import Shift
from lark.parsers.lalr_interactive_parser import InteractiveParser

_Reduction = tuple[int, Callable[[list[Any]], Any] | None, str]
"""How many children a rule has, what makes a tree of them (None for a unit), and its name."""


class Table:
    """The actions of a parser of Lark's by state and symbol: the next state, or a reduction."""

    def __init__(self, lark: Lark) -> None:
        parser = lark.parser.parser.parser  # of its LALR front end
        self._actions: dict[int, dict[str, int | _Reduction]] = {
            state: {
                str(symbol): argument
                if action is Shift
                else _reduction(argument, parser.callbacks[argument])
                for symbol, (action, argument) in row.items()
            }
            for state, row in parser.parse_table.states.items()
        }
        self._chains: dict[tuple[int, str, str], int] = {}

    def feed(self, parser: InteractiveParser, token: Token) -> None:
        """Does with a token what `parser.feed_token` does. Raises `UnexpectedToken`."""
        kind, actions = token.type, self._actions
        states, values = parser.parser_state.state_stack, parser.parser_state.value_stack
        while True:
            action = actions[states[-1]].get(kind)
            if action is None:
                parser.feed_token(token)  # which raises
                return
            if isinstance(action, int):
                states.append(action)
                values.append(token)
                return
            size, build, name = action
            if build is None:
                del states[-1]
            else:
                children = values[len(values) - size :]
                del values[len(values) - size :], states[len(states) - size :]
                values.append(build(children))
            below = states[-1]
            after = self._chains.get((below, name, kind))
            states.append(self._chain(below, name, kind) if after is None else after)

    def _chain(self, below: int, name: str, kind: str) -> int:
        """The state after a reduction to `name` and the unit reductions that follow before a token
        of this kind."""
        reduced = name
        while True:
            state = self._actions[below][reduced]
            assert isinstance(state, int)
            action = self._actions[state].get(kind)
            if not isinstance(action, tuple) or action[1] is not None:
                break
            reduced = action[2]
        self._chains[below, name, kind] = state
        return state


def _reduction(rule: Any, build: Callable[[list[Any]], Any]) -> _Reduction:
    stands_for = rule.options.expand1 and rule.alias is None and len(rule.expansion) == 1
    only = rule.expansion[0] if stands_for else None
    unit = only is not None and not only.name.startswith("_") and not getattr(only, "filter_out", 0)
    return len(rule.expansion), None if unit else build, str(rule.origin.name)
