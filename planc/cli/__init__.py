"""The command line: click's wiring, nothing else."""

from __future__ import annotations

import os
import sys
import threading

import click

from planc.cli.evaluate import eval_
from planc.cli.fuzz import fuzz_
from planc.cli.lists import models_, tools_
from planc.cli.opt import opt
from planc.cli.plans import check, compile_, fmt, run
from planc.cli.tune import tune
from planc.report.console import guarded

_EPILOG = """\b
Exit status: 0 done, 1 the plan or the request is at fault, 2 wrong use or set-up,
3 a tool failed, 4 a write was refused, 130 interrupted.
"""


@click.group(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="planc")
def cli() -> None:
    """Turn a request in plain language into a typed plan over your tools, and run it.

    A small language model on this machine writes the plan; it can only write plans that fit the
    tools. You see the plan before anything happens, and are asked before anything is changed.

    \b
    planc run "Text Nia that I am running late"      plan, ask, and do it
    planc compile "Text Nia that I am running late"  only show the plan
    planc run late.plan                              run a plan from a file
    planc tools                                      what can be done
    """


for command in (compile_, run, check, fmt, opt, fuzz_, eval_, tune, tools_, models_):
    cli.add_command(command)


def main() -> None:
    """The `planc` program."""
    status = guarded(lambda: cli.main(prog_name="planc", standalone_mode=False))
    if threading.active_count() > 1:  # a plain function that outlived its timeout
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
