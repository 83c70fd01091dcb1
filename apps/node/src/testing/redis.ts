/** A real Redis for tests: on a port of its own, with nothing on disk. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { createClient } from "@redis/client";
import { freePorts } from "./cluster.ts";

/** False where its server is not installed. */
export const hasRedis: boolean = (() => {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
})();

export const REDIS_PASSWORD = "not-to-be-shown";

export class Redis {
  readonly url: string;
  readonly #server: ChildProcess;

  private constructor(url: string, server: ChildProcess) {
    this.url = url;
    this.#server = server;
  }

  static async start(): Promise<Redis> {
    const [port] = await freePorts(1);
    const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--requirepass", REDIS_PASSWORD];
    const server = spawn("redis-server", settings, { cwd: tmpdir(), stdio: ["ignore", "pipe", "ignore"] });
    for (let text = ""; !text.includes("Ready to accept connections"); )
      text += String((await once(server.stdout!, "data"))[0]);
    server.stdout!.resume();
    return new Redis(`redis://:${REDIS_PASSWORD}@127.0.0.1:${port}`, server);
  }

  /** Keys in it. */
  async size(): Promise<number> {
    const client = await createClient({ url: this.url }).connect();
    try {
      return await client.dbSize();
    } finally {
      client.destroy();
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.#server, "exit");
    this.#server.kill("SIGKILL");
    await ended;
  }
}
