import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPartyCertificate } from "./index.ts";
import type { LoneParty } from "./testing/lone-party.ts";

/** bank has no listener and no address that telco knows; telco listens and dials nobody. */
const NAMES = { bank: `tmb-bank-${process.pid}`, telco: `tmb-telco-${process.pid}` };
const ADDRESS = { bank: "10.213.77.1", telco: "10.213.77.2" };
const ip = (...args: string[]): void => void execFileSync("ip", args, { stdio: "pipe" });

function possible(): boolean {
  try {
    ip("netns", "add", NAMES.bank);
    ip("netns", "del", NAMES.bank);
    return true;
  } catch {
    return false;
  }
}

const able = possible();
if (!able) console.warn("network namespaces need root and iproute2: the test of two namespaces is skipped");

describe.skipIf(!able)("two network namespaces, of which one can only dial", () => {
  let folder = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tombolo-netns-"));
    const [a, b] = [`tmba${process.pid}`, `tmbb${process.pid}`];
    ip("netns", "add", NAMES.bank);
    ip("netns", "add", NAMES.telco);
    ip("link", "add", a, "netns", NAMES.bank, "type", "veth", "peer", "name", b, "netns", NAMES.telco);
    for (const [party, device] of [
      ["bank", a],
      ["telco", b],
    ] as const) {
      ip("-n", NAMES[party], "addr", "add", `${ADDRESS[party]}/24`, "dev", device);
      ip("-n", NAMES[party], "link", "set", device, "up");
      ip("-n", NAMES[party], "link", "set", "lo", "up");
    }
  });

  afterAll(async () => {
    for (const name of Object.values(NAMES)) ip("netns", "del", name);
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (party: LoneParty): Promise<{ echoed: string; answer: string; direction: string }> => {
    const script = join(import.meta.dirname, "testing", "lone-party.ts");
    const command = ["netns", "exec", NAMES[party.self as "bank"], process.execPath, script, JSON.stringify(party)];
    const { stdout } = await promisify(execFile)("ip", command, { timeout: 60_000 });
    return JSON.parse(stdout);
  };

  test("run a session and requests both ways over the one connection that is possible", async () => {
    const [bank, telco] = [await createPartyCertificate("bank", []), await createPartyCertificate("telco", [])];
    const port = 7600;
    const [asBank, asTelco] = await Promise.all([
      start({
        self: "bank",
        folder,
        certificate: bank,
        partner: { id: "telco", fingerprint: telco.fingerprint },
        listen: null,
        dial: { partyId: "telco", host: ADDRESS.telco, port, fingerprint: telco.fingerprint },
        sends: "across namespaces",
      }),
      start({
        self: "telco",
        folder,
        certificate: telco,
        partner: { id: "bank", fingerprint: bank.fingerprint },
        listen: { host: ADDRESS.telco, port },
        dial: null,
        sends: null,
      }),
    ]);
    expect(asBank).toEqual({ echoed: "across namespaces", answer: "bank", direction: "outbound" });
    expect(asTelco).toEqual({ echoed: "", answer: "telco", direction: "inbound" });
  });
});
