"""Chromium through chromedriver's own protocol (W3C WebDriver): a handful of requests, so no library for it."""

import asyncio
import base64
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # CI runs as root, where Chromium's sandbox does not start
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)
PHONE = (390, 844)
DESKTOP = (1280, 900)
TAB = "\ue004"
ENTER = "\ue007"
_STARTED = re.compile(r"started successfully on port (\d+)")
_WAIT_S = 10.0


class Chrome:
    """One window. Everything that fails in the page's own scripts is in `complaints`."""

    def __init__(self, client: aiohttp.ClientSession, session: str) -> None:
        self._client = client
        self._session = session

    async def go(self, url: str) -> None:
        """Open an address and wait until it is loaded. A change of the fragment alone loads nothing."""
        await self._post("url", {"url": url})

    async def size(self, width: int, height: int) -> None:
        """As large as a phone or a screen."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        await self._cdp("Emulation.setDeviceMetricsOverride", metrics)

    async def prefer(self, **features: str) -> None:
        """Preferences of the person, as color_scheme="dark"."""
        named = [{"name": f"prefers-{name.replace('_', '-')}", "value": value} for name, value in features.items()]
        await self._cdp("Emulation.setEmulatedMedia", {"features": named})

    async def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns, as JSON."""
        return await self._post("execute/sync", {"script": script, "args": list(arguments)})

    async def run_async(self, script: str, *arguments: Any) -> Any:
        """What a script gives to its last argument."""
        return await self._post("execute/async", {"script": script, "args": list(arguments)})

    async def text(self, selector: str) -> str:
        """What is written there, in one line."""
        found = await self.run("return document.querySelector(arguments[0])?.textContent ?? ''", selector)
        return " ".join(str(found).split())

    async def texts(self, selector: str) -> list[str]:
        """What is written in each of them."""
        script = "return [...document.querySelectorAll(arguments[0])].map(each => each.textContent.trim())"
        return list(await self.run(script, selector))

    async def click(self, selector: str) -> None:
        """Click the first of them as a person would."""
        found = await self._post("element", {"using": "css selector", "value": selector})
        await self._post(f"element/{next(iter(found.values()))}/click", {})

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, wherever the focus is."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        await self._post("actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    async def until(self, what: Callable[[], Awaitable[Any]], seconds: float = _WAIT_S) -> Any:
        """What it gives, as soon as that is something; AssertionError with the page's text after a while."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not (found := await what()):
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"waited in vain; the page says: {await self.text('body')}")
            await asyncio.sleep(0.05)
        return found

    async def sees(self, selector: str, text: str, seconds: float = _WAIT_S) -> None:
        """Wait until a text stands somewhere."""

        async def there() -> bool:
            return text in await self.text(selector)

        await self.until(there, seconds)

    async def complaints(self) -> list[str]:
        """Errors of the browser's console since the last call: scripts, policy, requests that failed."""
        found = await self._post("se/log", {"type": "browser"})
        return [each["message"] for each in found if each["level"] == "SEVERE"]

    async def screenshot(self) -> bytes:
        """The whole page as a PNG."""
        taken = await self._cdp("Page.captureScreenshot", {"captureBeyondViewport": True})
        return base64.b64decode(taken["data"])

    async def _cdp(self, command: str, parameters: dict[str, Any]) -> Any:
        return await self._post("goog/cdp/execute", {"cmd": command, "params": parameters})

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        return await _post(self._client, f"/session/{self._session}/{path}", body)


@asynccontextmanager
async def chrome(width: int = DESKTOP[0], height: int = DESKTOP[1]) -> AsyncIterator[Chrome]:
    """A browser with an empty profile, ended with its driver."""
    driver = await asyncio.create_subprocess_exec(
        installed("chromedriver"), "--port=0", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        port = await asyncio.wait_for(_port(driver), 20)
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", timeout=timeout) as client:
            options = {"binary": installed("chromium"), "args": [*ARGUMENTS, f"--window-size={width},{height}"]}
            wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
            made = await _post(client, "/session", {"capabilities": {"alwaysMatch": wanted}})
            browser = Chrome(client, made["sessionId"])
            try:
                await browser.size(width, height)
                yield browser
            finally:
                await client.delete(f"/session/{made['sessionId']}")
    finally:
        driver.terminate()
        await driver.wait()


def installed(program: str) -> str:
    """Where a program is; AssertionError where it is not, with what installs it."""
    path = shutil.which(program)
    assert path, f"{program} is missing: apt-get install chromium chromium-driver npm"
    return path


async def _port(driver: asyncio.subprocess.Process) -> int:
    assert driver.stdout is not None
    async for line in driver.stdout:
        if match := _STARTED.search(line.decode()):
            return int(match[1])
    raise AssertionError("chromedriver did not start")


async def _post(client: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> Any:
    async with client.post(path, json=body) as answer:
        value = (await answer.json(content_type=None))["value"]
        assert answer.status == 200, f"{path}: {value['error']}: {value['message'].splitlines()[0]}"
        return value
