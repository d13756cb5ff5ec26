"""Results for people: tables of the totals, and runs side by side case by case."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence

from planc.eval.results import Outcome, Results, mean_of


def totals_table(runs: Sequence[Results]) -> str:
    """A Markdown table: a line for each run's group, the means in per cent with their 95 %
    intervals."""
    metrics = list(
        dict.fromkeys(name for run in runs for case in run.cases for name in case.scores)
    )
    head = ["run", "group", "cases", *metrics, "s a plan"]
    rows = [head, ["---"] * len(head)]
    for name, run in zip(_names(runs), runs, strict=True):
        for group, totals in run.totals().items():
            means = [mean_of(totals, metric) if metric in totals else "" for metric in metrics]
            seconds = totals.get("seconds_per_plan", "")
            rows.append([name, group, str(totals["cases"]), *means, str(seconds)])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _names(runs: Sequence[Results]) -> list[str]:
    """What to call each run: its model, with a number where that is not enough."""
    models = [str(run.setting["model"]["name"]) for run in runs]
    counts = Counter(models)
    return [m if counts[m] == 1 else f"{m} #{i}" for i, m in enumerate(models, 1)]


def markdown(runs: Sequence[Results]) -> str:
    """A report of one run, or of several of one suite: the totals, then the cases that one of
    them has wrong, and where they differ."""
    lines = [f"# {runs[0].setting['suite']}\n", totals_table(runs)]
    for name, run in zip(_names(runs), runs, strict=True):
        lines.append(f"- {name}: {_about(run)}")
    if len(runs) == 2:
        lines.append(_paired(runs[0], runs[1], *_names(runs)))
    lines.append("\n## Cases with something wrong\n")
    for outcomes in _by_case(runs):
        told = [outcome for outcome in outcomes if outcome]
        if any(outcome.reason for outcome in told):
            lines += _case(_names(runs), outcomes)
    return "\n".join(lines) + "\n"


def _about(run: Results) -> str:
    """What a run was made with, and whether it is whole."""
    setting, about = run.setting, run.about
    model, adapter = setting["model"], setting["adapter"]
    told = {
        "": f"{model['file']} ({model['sha256'][:12]})",
        "adapter": ", ".join(adapter.values()) if isinstance(adapter, dict) else adapter,
        "ids": setting["ids"],
        "limit": setting["limit"],
        "groups": ", ".join(setting["groups"] or []),
        "seed": setting["seed"],
        "prompt": (setting["prompt_sha256"] or "")[:12],
        "planc": (setting["versions"] or {}).get("planc"),
    }
    parts = [f"{name} {value}".strip() for name, value in told.items() if value not in (None, "")]
    machine = about.get("machine")
    parts += [str(about["date"])] if "date" in about else []
    if isinstance(machine, dict):
        parts += [f"{machine.get('processor')}, {machine.get('cpus')} cores"]
    if about.get("asked", len(run.cases)) > len(run.cases):
        parts.append(f"CUT OFF after {len(run.cases)} of {about['asked']} cases")
    return ", ".join(parts)


def _paired(one: Results, other: Results, name: str, another: str) -> str:
    """How two runs differ on the cases that both were asked, by the first metric that both have."""
    mine, theirs = ({case.id: case for case in run.cases} for run in (one, other))
    both = [(mine[at].scores, theirs[at].scores) for at in mine if at in theirs]
    if not both:
        return "- no case was asked of both"
    metric = next((name for name in both[0][0] if name in both[0][1]), None)
    if metric is None or any(metric not in scores for pair in both for scores in pair):
        return "- the runs have no score in common"
    better = sum(a[metric] > b[metric] for a, b in both)
    worse = sum(a[metric] < b[metric] for a, b in both)
    return (
        f"- of the {len(both)} cases that both were asked, by `{metric}`: {better} better with "
        f"{name}, {worse} with {another}, {len(both) - better - worse} alike"
    )


def _by_case(runs: Sequence[Results]) -> list[list[Outcome | None]]:
    """For each case of any run, what each run made of it."""
    known = [{case.id: case for case in run.cases} for run in runs]
    ids = dict.fromkeys(case.id for run in runs for case in run.cases)
    return [[cases.get(one) for cases in known] for one in ids]


def _case(names: Sequence[str], outcomes: Sequence[Outcome | None]) -> list[str]:
    first = next(outcome for outcome in outcomes if outcome)
    differ = len({outcome.reason == "" for outcome in outcomes if outcome}) > 1
    lines = [f"### {first.id}{' (the runs differ)' if differ else ''}\n", _quoted(first.query), ""]
    for name, outcome in zip(names, outcomes, strict=True):
        if outcome is None:
            continue
        verdict = outcome.reason or "right"
        lines += [f"{name}: {_inline(verdict)}\n", _fenced(outcome.plan or "# no plan\n"), ""]
    return lines


def _quoted(text: str) -> str:
    return "\n".join(f"> {html.escape(line, quote=False)}" for line in text.splitlines())


def _inline(text: str) -> str:
    return html.escape(" ".join(text.split()), quote=False)


def _fenced(text: str) -> str:
    """A block of code, whatever stands in it."""
    longest = max((len(run) for run in text.split("\n") if run.startswith("```")), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.rstrip()}\n{fence}"
