"""A bot on discord.py holds a conversation with a person of the sandbox: python walk.py PROGRAM

PROGRAM is the example "discord" of the sandbox. Each step asserts what the library received and what
the person sees.
"""

import asyncio
import base64
import io
import sys

import discord
import yarl

from person import Person, Sandbox

# A PNG of one pixel.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Bot(discord.Client):
    """Puts each interaction into a queue, so that the conversation below reads from top to bottom."""

    def __init__(self, sandbox):
        super().__init__(intents=discord.Intents(guilds=True), application_id=sandbox.application)
        self.tree = discord.app_commands.CommandTree(self)
        self.interactions = asyncio.Queue()
        self.session_starts = 0
        self.has_resumed = asyncio.Event()
        self.is_usable = asyncio.Event()

    async def on_ready(self):
        self.session_starts += 1
        self.is_usable.set()

    async def on_resumed(self):
        self.has_resumed.set()

    async def receive(self, action):
        """Runs a person's action. Returns the interaction that it caused, and the running action."""
        running = asyncio.create_task(action)
        received = asyncio.create_task(self.interactions.get())
        await asyncio.wait({running, received}, return_when=asyncio.FIRST_COMPLETED)
        if not received.done():
            await running
            raise AssertionError("the action caused no interaction")
        return received.result(), running


class Panel(discord.ui.View):
    """A view of the given items. Each passes its interactions to the conversation."""

    def __init__(self, bot, *items):
        super().__init__(timeout=None)
        for item in items:
            if item.is_dispatchable():
                item.callback = bot.interactions.put
            self.add_item(item)


class Form(discord.ui.Modal, title="Write a text"):
    text = discord.ui.TextInput(label="Text", style=discord.TextStyle.paragraph, min_length=2, max_length=20)

    def __init__(self, bot):
        super().__init__(timeout=None)
        self.bot = bot

    async def on_submit(self, interaction):
        await self.bot.interactions.put(interaction)


async def logs_in(bot, ben, sandbox):
    await asyncio.wait_for(bot.is_usable.wait(), 20)
    assert bot.user.id == sandbox.application
    assert bot.application.id == sandbox.application
    guild = bot.get_guild(sandbox.guild)
    assert isinstance(guild.get_channel(sandbox.channel), discord.TextChannel)
    assert len(guild.roles) >= 3
    people = (await ben.screen())["people"]
    ids = {person["name"]: int(person["id"]) for person in people}
    member = await guild.fetch_member(ids["ben"])
    assert (member.name, len(member.roles)) == ("ben", 2)


async def registers_commands(bot, ben, guild):
    @bot.tree.command(name="greet", description="Greets", guild=guild)
    @discord.app_commands.describe(name="Whom to greet")
    async def greet(interaction: discord.Interaction, name: str):
        interaction.extras["name"] = name
        await bot.interactions.put(interaction)

    registered = await bot.tree.sync(guild=guild)
    assert [command.name for command in registered] == ["greet"]
    assert [command.id for command in await bot.tree.fetch_commands(guild=guild)] == [registered[0].id]
    (shown,) = (await ben.screen())["commands"]
    assert (shown["path"], shown["options"][0]["name"], shown["options"][0]["required"]) == ("greet", "name", True)


async def answers_command(bot, ben, channel):
    interaction, action = await bot.receive(ben.acts("command", line="/greet name:Julia"))
    assert interaction.type is discord.InteractionType.application_command
    assert interaction.extras["name"] == "Julia"
    assert (interaction.user.name, interaction.locale) == ("ben", discord.Locale.american_english)
    assert interaction.channel_id == channel
    await interaction.response.defer(ephemeral=True)
    await action
    (waiting,) = await ben.messages()
    assert (waiting["thinking"], waiting["ephemeral"], waiting["via"]) == (True, True, "/greet")

    embed = discord.Embed(title="Hello", colour=0x5865F2).add_field(name="Name", value="Julia", inline=True)
    panel = Panel(
        bot,
        discord.ui.Button(label="Write", style=discord.ButtonStyle.primary),
        discord.ui.Button(label="Later", disabled=True),
        discord.ui.Button(label="Open", url="https://waizant.example/"),
    )
    edited = await interaction.edit_original_response(embed=embed, view=panel)
    assert edited.embeds[0].title == "Hello"
    assert len(edited.components[0].children) == 3
    assert edited.flags.ephemeral and not edited.flags.loading
    (seen,) = await ben.messages()
    assert (seen["id"], seen["thinking"], seen["embeds"][0]["fields"][0]["value"]) == (str(edited.id), False, "Julia")
    assert [button["label"] for button in seen["components"][0]["components"]] == ["Write", "Later", "Open"]


async def asks_in_modal(bot, ben):
    button, action = await bot.receive(ben.uses("press", "Write"))
    assert button.type is discord.InteractionType.component
    assert button.message.embeds[0].title == "Hello"
    form = Form(bot)
    await button.response.send_modal(form)
    await action
    shown = (await ben.screen())["modal"]
    assert (shown["title"], shown["inputs"][0]["label"], shown["inputs"][0]["max_length"]) == ("Write a text", "Text", 20)

    interaction, action = await bot.receive(ben.acts("submit", values=["Good morning"]))
    assert interaction.type is discord.InteractionType.modal_submit
    assert form.text.value == "Good morning"
    options = [
        discord.SelectOption(label="Picture", value="picture", description="A file with a description"),
        discord.SelectOption(label="Nothing", value="nothing"),
    ]
    menu = discord.ui.Select(placeholder="Choose", options=options)
    await interaction.response.edit_message(content="You wrote: Good morning", embed=None, view=Panel(bot, menu))
    await action
    screen = await ben.screen()
    (seen,) = screen["messages"]
    assert screen["modal"] is None
    assert (seen["content"], seen["embeds"], seen["id"]) == ("You wrote: Good morning", [], str(button.message.id))
    return menu


async def sends_file(bot, ben, menu):
    interaction, action = await bot.receive(ben.uses("select", "Choose", value="picture"))
    assert menu.values == ["picture"]
    file = discord.File(io.BytesIO(PIXEL), filename="pixel.png", description="One green pixel")
    again = Panel(bot, discord.ui.Button(label="Again", style=discord.ButtonStyle.success))
    await interaction.response.edit_message(content="The picture", attachments=[file], view=again)
    await action
    (received,) = (await interaction.original_response()).attachments
    assert (received.filename, received.description) == ("pixel.png", "One green pixel")
    assert (received.content_type, received.size) == ("image/png", len(PIXEL))
    (shown,) = (await ben.messages())[0]["attachments"]
    assert (shown["name"], shown["description"]) == ("pixel.png", "One green pixel")
    assert (shown["width"], shown["height"]) == (1, 1)
    assert await ben.download(received.url) == PIXEL
    # An edit that lists no files keeps them.
    await interaction.edit_original_response(content="Still the picture")
    assert len((await ben.messages())[0]["attachments"]) == 1
    return interaction


async def follows_up_and_deletes(ben, interaction):
    follow_up = await interaction.followup.send("One more thing", ephemeral=True, wait=True)
    contents = [message["content"] for message in await ben.messages()]
    assert contents == ["Still the picture", "One more thing"]
    await follow_up.edit(content="One more thing, changed")
    assert (await ben.messages())[1]["content"] == "One more thing, changed"
    await follow_up.delete()
    assert [message["content"] for message in await ben.messages()] == ["Still the picture"]


async def resumes(bot, ben, sandbox):
    """The person acts while the bot is disconnected. The resumed session delivers the click."""
    await sandbox.cut()
    interaction, action = await bot.receive(ben.uses("press", "Again"))
    await interaction.response.edit_message(content="Resumed", attachments=[], view=None)
    await action
    await asyncio.wait_for(bot.has_resumed.wait(), 20)
    assert bot.session_starts == 1, "resumed without a new session"
    (seen,) = await ben.messages()
    assert (seen["content"], seen["failed"]) == ("Resumed", False)
    assert (seen["attachments"], seen["components"]) == ([], [])


async def main(program):
    sandbox = await Sandbox.start(program)
    discord.http.Route.BASE = f"{sandbox.url}/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"{sandbox.url.replace('http', 'ws', 1)}/gateway")
    ben = Person(sandbox, "ben")
    bot = Bot(sandbox)
    running = asyncio.create_task(bot.start(sandbox.token))
    await logs_in(bot, ben, sandbox)
    await registers_commands(bot, ben, discord.Object(sandbox.guild))
    await answers_command(bot, ben, sandbox.channel)
    menu = await asks_in_modal(bot, ben)
    choice = await sends_file(bot, ben, menu)
    await follows_up_and_deletes(ben, choice)
    await resumes(bot, ben, sandbox)
    assert (await ben.screen())["violations"] == []
    await bot.close()
    await running
    await ben.http.close()
    await sandbox.stop()
    print("discord.py: every step was received and seen")


asyncio.run(main(sys.argv[1]))
