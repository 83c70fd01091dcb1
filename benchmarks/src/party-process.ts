/** The processes of a benchmark's two parties: each does one order after another. */
import { type ChildProcess, fork } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createPartyCertificate } from "@tombolo/transport-ptp";
import type { PartyNode } from "./party-node.ts";

export class PartyProcess<Order extends object> {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(
    program: URL,
    name: string,
    environment: Readonly<Record<string, string>> = {},
    flags: readonly string[] = [],
  ) {
    this.name = name;
    this.#child = fork(program, [], {
      serialization: "advanced",
      env: { ...process.env, ...environment },
      execArgv: [...process.execArgv, ...flags],
    });
    this.#ended = new Promise((resolve) => this.#child.once("exit", () => resolve()));
  }

  async do(order: Order): Promise<unknown> {
    const answer = new Promise((resolve) => this.#child.once("message", resolve));
    this.#child.send(order);
    const { result, error } = (await Promise.race([answer, this.#gone()])) as { result?: unknown; error?: string };
    if (error !== undefined) throw new Error(error);
    return result;
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#ended;
  }

  async #gone(): Promise<never> {
    await this.#ended;
    throw new Error(`the process of ${this.name} has ended`);
  }
}

/** Starts both parties' nodes, each in a folder of its own, the bank connected to the telco. */
export async function connect<Order extends object>(
  folder: string,
  bank: PartyProcess<Order | PartyNode>,
  telco: PartyProcess<Order | PartyNode>,
): Promise<void> {
  const [bankTls, telcoTls] = await Promise.all([
    createPartyCertificate("bank", []),
    createPartyCertificate("telco", []),
  ]);
  const at = async (self: string): Promise<string> => {
    await mkdir(join(folder, self));
    return join(folder, self);
  };
  const port = (await telco.do({
    kind: "node",
    self: "telco",
    certificate: telcoTls,
    partners: [{ id: "bank", fingerprint: bankTls.fingerprint }],
    folder: await at("telco"),
    dial: [],
  })) as number;
  await bank.do({
    kind: "node",
    self: "bank",
    certificate: bankTls,
    partners: [{ id: "telco", fingerprint: telcoTls.fingerprint }],
    folder: await at("bank"),
    dial: [{ partyId: "telco", host: "127.0.0.1", port, fingerprint: telcoTls.fingerprint }],
  });
}
