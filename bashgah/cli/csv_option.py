"""The option of the commands that write CSV."""

from typing import Annotated

import typer

Excel = Annotated[bool, typer.Option("--excel", help="CSV for Excel: with the mark by which it knows UTF-8.")]
