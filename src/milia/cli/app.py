"""The list of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from milia import __version__
from milia.cli import (
    approve,
    ask,
    assess,
    audit,
    backup,
    calibrate,
    care,
    devices,
    learn,
    plan,
    records,
    report,
    serve,
    session,
    simulate,
    sites,
    sources,
    study,
    verify,
    warmup,
)

app = typer.Typer(
    name="milia",
    help="Plans the care of a milium: what it is, whether and how to treat it, which laser settings open it.",
    epilog="Decision support and research tool, not a cleared medical device; the clinician decides.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"milia {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and stop.")
    ] = False,
) -> None:
    del version


app.command("plan")(plan.command)
app.command("care")(care.command)
app.command("calibrate")(calibrate.command)
app.command("verify")(verify.command)
app.command("session")(session.command)
app.command("approve")(approve.command)
app.command("simulate")(simulate.command)
app.command("assess")(assess.command)
app.command("report")(report.command)
app.command("sources")(sources.command)
app.command("devices")(devices.command)
app.command("sites")(sites.command)
app.command("ask")(ask.command)
app.add_typer(learn.app, name="learn")
app.command("serve")(serve.command)
app.command("backup")(backup.backup_command)
app.command("restore")(backup.restore_command)
app.add_typer(audit.app, name="audit")
app.add_typer(records.app, name="records")
app.command("study")(study.command)
app.command("warmup", hidden=True)(warmup.command)
