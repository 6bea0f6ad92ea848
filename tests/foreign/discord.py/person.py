"""The sandbox's Discord as a child process, and a person of its guild in front of the page's API."""

import asyncio
import json

import aiohttp


class Sandbox:
    """A running sandbox. It ends with this process, because its input then ends."""

    @classmethod
    async def start(cls, program):
        pipe = asyncio.subprocess.PIPE
        self = cls()
        self.child = await asyncio.create_subprocess_exec(program, stdin=pipe, stdout=pipe)
        facts = json.loads(await self.child.stdout.readline())
        self.url, self.token = facts["url"], facts["token"]
        self.application, self.guild, self.channel = (int(facts[name]) for name in ("application", "guild", "channel"))
        return self

    async def cut(self):
        self.child.stdin.write(b"cut\n")
        await self.child.stdin.drain()

    async def stop(self):
        self.child.stdin.close()
        await self.child.wait()


class Person:
    def __init__(self, sandbox, name):
        self.url, self.name = sandbox.url, name
        self.http = aiohttp.ClientSession()

    async def screen(self):
        """Returns the person's whole screen."""
        async with self.http.get(f"{self.url}/_sandbox/state", params={"person": self.name}) as answer:
            assert answer.status == 200
            return await answer.json()

    async def messages(self):
        return (await self.screen())["messages"]

    async def acts(self, kind, **details):
        """Performs an action. Returns after the bot's first answer."""
        action = {"person": self.name, "kind": kind, **details}
        async with self.http.post(f"{self.url}/_sandbox/action", json=action) as answer:
            assert answer.status == 200, await answer.text()

    async def uses(self, kind, label, **details):
        """Uses the button with this label, or the menu with this placeholder, of the newest message that has it."""
        for message in reversed(await self.messages()):
            for control in (control for row in message["components"] for control in row["components"]):
                if label in (control.get("label"), control.get("placeholder")):
                    return await self.acts(kind, message=message["id"], custom_id=control["custom_id"], **details)
        raise AssertionError(f"no {label!r} on the screen")

    async def download(self, url):
        async with self.http.get(url) as answer:
            return await answer.read()
