"""The options that commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from planc import files, models, toolset
from planc.diagnostics import PlanError
from planc.report.console import Reporter
from planc.tools import ToolSet

if TYPE_CHECKING:
    from planc.decode.planner import Planner


class _Time(click.ParamType[datetime]):
    name = "YYYY-MM-DD HH:MM:SS"

    def convert(self, value: Any, parameter: Any, context: Any) -> datetime:
        try:
            return files.parse_time(value)
        except ValueError as error:
            self.fail(str(error), parameter, context)


class Settings:
    """The options that the commands share, and what follows from them when it is needed."""

    def __init__(self, **options: Any) -> None:
        self.specs_given: tuple[str, ...] = options.get("tools") or ()
        self.specs = self.specs_given or ("stdlib_tools",)
        self.model: str | None = options.get("model")
        self.adapter: str | None = options.get("adapter")
        self.now: datetime | None = options.get("now")
        self.seed_given: int | None = options.get("seed")
        self.seed: int = self.seed_given or 0
        self.reporter = Reporter(as_json=options.get("format") == "json")
        self._tools: ToolSet | None = None
        self._planners: dict[str, Planner] = {}

    @property
    def tools(self) -> ToolSet:
        if self._tools is None:
            self._tools = toolset.load(self.specs)
        return self._tools

    @property
    def time(self) -> datetime:
        return self.now or datetime.now().replace(microsecond=0)

    def planner(self, tools: ToolSet | None = None) -> Planner:
        """With the model that was asked for or, where neither one nor an adapter was, the one that
        plans over these tools."""
        from planc import adapters  # these take longer to load than all else
        from planc.decode.planner import AUTO, Planner

        adapter = self.adapter or AUTO
        model = self.model or models.default().name
        if self.model is None and adapter == AUTO and tools is not None:
            model = adapters.model_for(tools).name
        if model not in self._planners:
            self._planners[model] = Planner(
                model,
                self.seed,
                self.reporter.progress,
                self.reporter.busy,
                adapter,
                self.reporter.note,
            )
        return self._planners[model]

    @property
    def writer(self) -> Planner:
        """Who writes texts for tools: who has planned or, if nobody has, who would."""
        return next(reversed(self._planners.values()), None) or self.planner(self.tools)


def shared(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the named common options, as one `settings` argument."""
    options = {
        "tools": click.option(
            "--tools",
            multiple=True,
            metavar="MODULE_OR_FILE",
            help="A Python module, a .py file or a .json file with tools; may be given again.  "
            "[default: stdlib_tools]",
        ),
        "model": click.option(
            "--model",
            metavar="NAME_OR_FILE",
            help="A model that `planc models` lists, a GGUF file, or owner/repo/file.gguf.",
        ),
        "adapter": click.option(
            "--adapter",
            metavar="FILE",
            help="What the model has been taught (`planc tune`): an adapter's file, `none`, or "
            "`auto`, the one for the tools if there is one.  [default: auto]",
        ),
        "now": click.option(
            "--now", type=_Time(), help="The local time to go by, in place of the clock's."
        ),
        "seed": click.option(
            "--seed",
            type=int,
            help="The seed of what is drawn at random, which the plan for a request is not.",
        ),
        "format": click.option(
            "--format",
            type=click.Choice(["text", "json"]),
            default="text",
            help="The form of diagnostics.",
        ),
    }

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        def wrapped(**given: Any) -> None:
            shared = {name: given.pop(name, None) for name in names}
            settings = Settings(**shared)
            try:
                command(settings=settings, **given)
            except PlanError as error:
                settings.reporter.diagnostics(error.diagnostics)
                raise SystemExit(error.status) from None

        wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
        wrapped.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
        for name in reversed(names):
            wrapped = options[name](wrapped)
        return wrapped

    return decorate
