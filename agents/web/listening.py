"""Listening on an address, for every server here."""

from aiohttp import web

from agents.exit_codes import ExitCode, Problem


async def listen(runner: web.AppRunner, host: str, port: int, variable: str) -> int:
    """Listen; the port, also when 0 was asked for. `variable` is the setting that names it.

    Raises `Problem` when the address is taken or not this machine's; nothing listens then.
    """
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        raise Problem(
            variable,
            f"cannot listen on {host}:{port} ({error.strerror})",
            "stop what listens there, or set another port (0: any free one)",
            ExitCode.BAD_SETTING,
        ) from None
    found: int = runner.addresses[0][1]
    return found
