"""Plans of the whole language, statement by statement."""

from __future__ import annotations

from dataclasses import replace

from planc import syntax as ast
from planc.testing.language import WholeWriter
from planc.testing.nodes import NOWHERE
from planc.testing.scope import Scope
from planc.testing.statements import PlanWriter

_NAMES = ["Result", "_", "ü", "two words", "if", "2nd", "x.y", "名前", "#"]
_COMMENTS = ["#", "# why", "# return"]


class WholePlanWriter(PlanWriter):
    """Writes one plan with all that the language has."""

    def __init__(self, writer: WholeWriter) -> None:
        super().__init__(writer)
        self.whole = writer
        self.scope = Scope({}, whole=True)

    def statement(self) -> ast.Statement | None:
        statement = super().statement() if self.choices.below(2) else self._free()
        if statement is not None and self.choices.once_in(8):
            comment = self.choices.pick(_COMMENTS)
            return replace(statement, leading=(comment,), trailing=self.choices.pick(_COMMENTS))
        return statement

    def _free(self) -> ast.Statement:
        value, of = self.whole.free(self.scope)
        if self.choices.once_in(8):
            return ast.Return(NOWHERE, value)
        calling = any(isinstance(node, ast.Call) for node in ast.walk(value))
        names = self.names()
        return self.bound(value, of, names, needed=not calling)

    def names(self) -> list[str]:
        return super().names() + [name for name in _NAMES if name not in self.scope.variables]
