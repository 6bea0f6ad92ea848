// A bot on discord.js holds a conversation with a person of the sandbox: node walk.js PROGRAM
//
// PROGRAM is the example "discord" of the sandbox. Each step asserts what the library received and
// what the person sees.

import assert from "node:assert/strict";
import { on, once } from "node:events";
import {
  ActionRowBuilder, ApplicationCommandOptionType, AttachmentBuilder, ButtonBuilder, ButtonStyle, Client, EmbedBuilder,
  Events, GatewayIntentBits, MessageFlags, ModalBuilder, StringSelectMenuBuilder, TextInputBuilder, TextInputStyle,
} from "discord.js";
import { Person, startDiscord } from "./person.js";

/** A PNG of one pixel. */
const PIXEL = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

const discord = await startDiscord(process.argv[2]);
const ben = new Person(discord, "ben");
const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: `${discord.url}/api` } });
const interactions = on(client, Events.InteractionCreate);
let sessionStarts = 0;
client.on(Events.ClientReady, () => (sessionStarts += 1));

/** Runs a person's action. Returns the interaction that it caused, and the end of the action. */
async function receive(action) {
  const done = action();
  const unanswered = done.then(() => assert.fail("the action caused no interaction"));
  // An action normally ends later, when the caller has answered the interaction.
  unanswered.catch(() => {});
  const { value: [interaction] } = await Promise.race([interactions.next(), unanswered]);
  return { interaction, done };
}

async function logsIn() {
  const ready = once(client, Events.ClientReady);
  await client.login(discord.token);
  await ready;
  assert.equal(client.user.id, discord.application);
  assert.equal(client.application.id, discord.application);
  const guild = client.guilds.cache.get(discord.guild);
  assert.ok(guild.available);
  assert.ok(guild.channels.cache.get(discord.channel).isTextBased());
  assert.ok(guild.roles.cache.size >= 3);
  assert.equal((await guild.members.fetch(await idOf("ben"))).user.username, "ben");
}

async function idOf(name) {
  return (await ben.screen()).people.find((person) => person.name === name).id;
}

async function registersCommands() {
  const option = { type: ApplicationCommandOptionType.String, name: "name", description: "Whom to greet", required: true };
  const command = { name: "greet", nameLocalizations: { "es-ES": "saludar" }, description: "Greets", options: [option] };
  const { commands } = client.guilds.cache.get(discord.guild);
  const registered = await commands.set([command]);
  assert.deepEqual(registered.map((each) => each.name), ["greet"]);
  assert.deepEqual((await commands.fetch()).map((each) => each.id), registered.map((each) => each.id));
  const [shown] = (await ben.screen()).commands;
  assert.deepEqual([shown.path, shown.options[0].name, shown.options[0].required], ["greet", "name", true]);
}

async function answersCommand() {
  const { interaction, done } = await receive(() => ben.acts("command", { line: "/greet name:Julia" }));
  assert.ok(interaction.isChatInputCommand());
  assert.equal(interaction.options.getString("name"), "Julia");
  assert.deepEqual([interaction.user.username, interaction.locale], ["ben", "en-US"]);
  assert.equal(interaction.member.roles.cache.size, 2);
  assert.equal(interaction.channelId, discord.channel);
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  await done;
  const [waiting] = await ben.messages();
  assert.deepEqual([waiting.thinking, waiting.ephemeral, waiting.via], [true, true, "/greet"]);

  const embed = new EmbedBuilder().setTitle("Hello").setColor(0x5865f2).addFields({ name: "Name", value: "Julia", inline: true });
  const buttons = new ActionRowBuilder().addComponents(
    new ButtonBuilder().setCustomId("write").setLabel("Write").setStyle(ButtonStyle.Primary),
    new ButtonBuilder().setCustomId("later").setLabel("Later").setStyle(ButtonStyle.Secondary).setDisabled(true),
    new ButtonBuilder().setURL("https://waizant.example/").setLabel("Open").setStyle(ButtonStyle.Link),
  );
  const edited = await interaction.editReply({ embeds: [embed], components: [buttons] });
  assert.equal(edited.embeds[0].title, "Hello");
  assert.equal(edited.components[0].components.length, 3);
  assert.ok(edited.flags.has(MessageFlags.Ephemeral) && !edited.flags.has(MessageFlags.Loading));
  const [panel] = await ben.messages();
  assert.deepEqual([panel.id, panel.thinking, panel.embeds[0].fields[0].value], [edited.id, false, "Julia"]);
  assert.deepEqual(panel.components[0].components.map((button) => button.label), ["Write", "Later", "Open"]);
}

async function asksInModal() {
  const press = await receive(() => ben.uses("press", "write"));
  const button = press.interaction;
  assert.ok(button.isButton());
  assert.deepEqual([button.customId, button.message.embeds[0].title], ["write", "Hello"]);
  const field = new TextInputBuilder().setCustomId("text").setLabel("Text").setStyle(TextInputStyle.Paragraph).setMinLength(2).setMaxLength(20);
  const modal = new ModalBuilder().setCustomId("form").setTitle("Write a text").addComponents(new ActionRowBuilder().addComponents(field));
  await button.showModal(modal);
  await press.done;
  const shown = (await ben.screen()).modal;
  assert.deepEqual([shown.title, shown.inputs[0].label, shown.inputs[0].max_length], ["Write a text", "Text", 20]);

  const { interaction, done } = await receive(() => ben.acts("submit", { values: ["Good morning"] }));
  assert.ok(interaction.isModalSubmit() && interaction.isFromMessage());
  assert.equal(interaction.fields.getTextInputValue("text"), "Good morning");
  const menu = new StringSelectMenuBuilder().setCustomId("menu").setPlaceholder("Choose").addOptions(
    { label: "Picture", value: "picture", description: "A file with a description" },
    { label: "Nothing", value: "nothing" },
  );
  await interaction.update({ content: "You wrote: Good morning", embeds: [], components: [new ActionRowBuilder().addComponents(menu)] });
  await done;
  const { modal: closed, messages: [panel] } = await ben.screen();
  assert.equal(closed, null);
  assert.deepEqual([panel.content, panel.embeds, panel.id], ["You wrote: Good morning", [], button.message.id]);
}

async function sendsFile() {
  const { interaction, done } = await receive(() => ben.uses("select", "menu", { value: "picture" }));
  assert.ok(interaction.isStringSelectMenu());
  assert.deepEqual(interaction.values, ["picture"]);
  const file = new AttachmentBuilder(PIXEL, { name: "pixel.png", description: "One green pixel" });
  const again = new ButtonBuilder().setCustomId("again").setLabel("Again").setStyle(ButtonStyle.Success);
  await interaction.update({ content: "The picture", files: [file], components: [new ActionRowBuilder().addComponents(again)] });
  await done;
  const original = await interaction.fetchReply();
  const received = original.attachments.first();
  assert.deepEqual([received.name, received.description, received.contentType, received.size], ["pixel.png", "One green pixel", "image/png", PIXEL.length]);
  const [shown] = (await ben.messages())[0].attachments;
  assert.deepEqual([shown.name, shown.description, shown.width, shown.height], ["pixel.png", "One green pixel", 1, 1]);
  const bytes = Buffer.from(await (await fetch(received.url)).arrayBuffer());
  assert.deepEqual(bytes, PIXEL);
  // An edit that lists no files keeps them.
  await interaction.editReply({ content: "Still the picture" });
  assert.equal((await ben.messages())[0].attachments.length, 1);
  return interaction;
}

async function followsUpAndDeletes(interaction) {
  const followUp = await interaction.followUp({ content: "One more thing", flags: MessageFlags.Ephemeral });
  assert.deepEqual((await ben.messages()).map((each) => each.content), ["Still the picture", "One more thing"]);
  await interaction.editReply({ message: followUp, content: "One more thing, changed" });
  assert.equal((await ben.messages())[1].content, "One more thing, changed");
  await interaction.deleteReply(followUp);
  assert.deepEqual((await ben.messages()).map((each) => each.content), ["Still the picture"]);
}

/** The person acts while the bot is disconnected. The resumed session delivers the click. */
async function resumes() {
  const resumed = once(client, Events.ShardResume);
  discord.cut();
  const { interaction, done } = await receive(() => ben.uses("press", "again"));
  assert.equal(interaction.customId, "again");
  await interaction.update({ content: "Resumed", components: [], attachments: [], files: [] });
  await done;
  await resumed;
  assert.equal(sessionStarts, 1, "resumed without a new session");
  const [panel] = await ben.messages();
  assert.deepEqual([panel.content, panel.failed, panel.attachments, panel.components], ["Resumed", false, [], []]);
}

await logsIn();
await registersCommands();
await answersCommand();
await asksInModal();
const choice = await sendsFile();
await followsUpAndDeletes(choice);
await resumes();
assert.deepEqual((await ben.screen()).violations, []);
await client.destroy();
await discord.stop();
console.log("discord.js: every step was received and seen");
