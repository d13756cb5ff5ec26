"""Running a suite: a plan for each case, judged, and kept as the run goes on."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from planc import adapters, files
from planc.decode.planner import AUTO, NONE, Planner
from planc.decode.prompt import Message, Request, messages
from planc.diagnostics import BAD_RESULTS, NO_BENCHMARK, Diagnostic, PlanError
from planc.eval import packages, results
from planc.eval.cases import Case, Suite, Verdict
from planc.eval.machine import machine
from planc.eval.results import Outcome, Results
from planc.report.calls import calls_json
from planc.tools import ToolSet

Ids = Literal["all", "even", "odd"]
_KEEP_EVERY = 20.0  # seconds


@dataclass(frozen=True)
class Choice:
    """Which cases of a suite are asked: even- or odd-numbered ones, those of some groups (none
    named: of all), and of each group at most `limit`, drawn at random (the same ones each time; a
    larger limit draws a sample of its own)."""

    ids: Ids = "all"
    groups: tuple[str, ...] = ()
    limit: int | None = None

    def of(self, cases: Sequence[Case]) -> list[Case]:
        members = self._members(cases)
        return [case for group in members for case in self._some(group, members[group])]

    def sizes(self, cases: Sequence[Case]) -> dict[str, int]:
        """How many cases of each group would be asked without a limit."""
        return {group: len(members) for group, members in self._members(cases).items()}

    def _members(self, cases: Sequence[Case]) -> dict[str, list[Case]]:
        members: dict[str, list[Case]] = {}
        for case in cases:
            numbered = self.ids == "all" or case.number % 2 == (self.ids == "odd")
            if numbered and (not self.groups or case.group in self.groups):
                members.setdefault(case.group, []).append(case)
        return members

    def _some(self, group: str, members: list[Case]) -> list[Case]:
        if self.limit is None or self.limit >= len(members):
            return members
        drawn = random.Random(f"{group} {self.limit}").sample(range(len(members)), self.limit)
        return [members[i] for i in sorted(drawn)]


def evaluate(
    suite: Suite,
    cases: Sequence[Case],
    planner: Planner,
    choice: Choice,
    out: Path,
    told: Callable[[Outcome], None],
) -> Results:
    """Asks those cases of a suite that `out` has no outcome of yet, and writes them there;
    `choice` is how they were chosen.

    Raises `PlanError`: E601 if two cases have one id, E602 if `out` is of another setting, E105 if
    it cannot be written.
    """
    twice = [name for name, count in Counter(case.id for case in cases).items() if count > 1]
    if twice:
        raise PlanError(Diagnostic(NO_BENCHMARK, f"two cases are called {twice[0]!r}"))
    run = _begun(out, suite, planner, choice, cases)
    known = {case.id for case in run.cases}
    for outcome in run.cases:
        told(outcome)
    kept = time.monotonic()
    try:
        for case in cases:
            if case.id in known:
                continue
            outcome = _outcome(suite, planner, case)
            run.cases.append(outcome)
            told(outcome)
            if time.monotonic() - kept > _KEEP_EVERY:
                run.write(out)
                kept = time.monotonic()
    finally:
        run.write(out)
    return run


def _begun(
    out: Path, suite: Suite, planner: Planner, choice: Choice, cases: Sequence[Case]
) -> Results:
    """The run in the file, or a new one."""
    model = planner.loaded()
    told = machine()
    used = {suite.package: packages.version(suite.package)} if suite.package else {}
    setting = {
        "suite": suite.name,
        "ids": choice.ids,
        "groups": list(choice.groups),
        "limit": choice.limit,
        "cases_sha256": _digest([[one.id, one.query, str(one.now), one.gold] for one in cases]),
        "model": {"name": model.name, "file": model.path.name, "sha256": files.digest(model.path)},
        "adapter": _adapter(planner),
        "refusal": model.refusal,
        "refusal_taught": model.refusal_taught,
        "prompt_sha256": _digest(_beginning(cases)),
        "seed": planner.seed,
        "versions": told["versions"] | used,
    }
    if not out.exists():
        about = {"asked": len(cases), "sizes": choice.sizes(suite.cases())}
        about |= {"date": told["date"], "machine": told["machine"]}
        return Results(setting, about)
    run = results.read(out)
    different = [name for name in results.SETTING if run.setting[name] != setting[name]]
    if different:
        raise PlanError(
            Diagnostic(
                BAD_RESULTS,
                f"`{out}` holds results with another {different[0].replace('_', ' ')}",
                hint="name another file with --out, or delete it",
            )
        )
    return run


def _adapter(planner: Planner) -> dict[str, str] | str:
    """The names by their checksums of the adapter that is used, or of those that are where one
    fits a case's tools."""
    if planner.adapter == NONE:
        return NONE
    if planner.adapter == AUTO:
        found = [one for one in adapters.known() if one.model == planner.digest]
    else:
        found = [adapters.read(Path(planner.adapter))]
    return {files.digest(one.path): one.name for one in found}


def _beginning(cases: Sequence[Case]) -> list[Message]:
    """The prompt of the first case that has one, without its request."""
    nothing = Request("", datetime(2000, 1, 1))
    for case in cases:
        with suppress(PlanError):  # its tools are foreign text
            return messages(nothing, case.tools())
    return messages(nothing, ToolSet([]))


def _digest(value: object) -> str:
    """The SHA-256 of what JSON can hold."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _outcome(suite: Suite, planner: Planner, case: Case) -> Outcome:
    """A case's plan with its scores. Where no plan can be made, all scores are 0."""
    nothing = dict.fromkeys(suite.metrics, 0.0)
    try:
        planned = planner.plan(case.query, case.now, case.tools())
    except PlanError as error:
        return Outcome(case.id, case.group, case.query, "", nothing, str(error), None)
    try:
        verdict = suite.judge(case, calls_json(planned.compiled.checked)["calls"])
    except PlanError as error:
        verdict = Verdict(nothing, str(error))
    return Outcome(
        case.id,
        case.group,
        case.query,
        planned.compiled.text,
        dict(verdict.scores),
        verdict.reason,
        asdict(planned.stats),
    )
