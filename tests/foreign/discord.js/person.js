// The sandbox's Discord as a child process, and a person of its guild in front of the page's API.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Starts the sandbox's Discord. It ends with this process, because its input then ends. */
export async function startDiscord(program) {
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(createInterface(child.stdout), "line");
  const stop = async () => {
    child.stdin.end();
    await once(child, "exit");
  };
  return { ...JSON.parse(line), cut: () => child.stdin.write("cut\n"), stop };
}

export class Person {
  constructor(discord, name) {
    this.discord = discord;
    this.name = name;
  }

  /** Returns the person's whole screen. */
  async screen() {
    const answer = await fetch(`${this.discord.url}/_sandbox/state?person=${this.name}`, { headers: SAME_ORIGIN });
    assert.equal(answer.status, 200);
    return answer.json();
  }

  async messages() {
    return (await this.screen()).messages;
  }

  /** Performs an action. Resolves after the bot's first answer. */
  async acts(kind, details = {}) {
    const answer = await fetch(`${this.discord.url}/_sandbox/action`, {
      method: "POST",
      headers: { ...SAME_ORIGIN, "content-type": "application/json" },
      body: JSON.stringify({ person: this.name, kind, ...details }),
    });
    assert.equal(answer.status, 200, await answer.text());
  }

  /** Uses the button or menu with this custom id on the newest message that has it. */
  async uses(kind, customId, details = {}) {
    const has = (message) => message.components.some((row) => row.components.some((one) => one.custom_id === customId));
    const message = (await this.messages()).findLast(has);
    assert.ok(message, `no ${customId} on the screen`);
    await this.acts(kind, { message: message.id, custom_id: customId, ...details });
  }
}

// fetch() sends Sec-Fetch-Mode, so the sandbox takes it for a browser.
const SAME_ORIGIN = { "sec-fetch-site": "same-origin" };
