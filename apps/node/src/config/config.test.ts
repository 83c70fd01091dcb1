import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { TomboloError } from "@tombolo/base";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { consoleOrigin, servesTls } from "../auth/origin.ts";
import { createLog } from "../log/log.ts";
import { checkConfig, withEnvironment } from "./config.ts";
import { createKeys, loadKeys, signBytes, verifyBytes } from "./keys.ts";
import { lockHolder, takeLock } from "./lock.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tombolo-config-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("configuration", () => {
  const base = { party: "bank", name: "Bank" };

  test("the environment overrides the file, in the setting's own type", () => {
    const environment = {
      TOMBOLO_API_PORT: "7777",
      TOMBOLO_PARTNER_PUBLIC_ADDRESS: "bank.example:7600",
      TOMBOLO_PARTNER_ALLOW_PRIVATE_ADDRESSES: "true",
      TOMBOLO_NAME: "Another",
      TOMBOLO_UNRELATED: "x",
    };
    const config = checkConfig(withEnvironment({ ...base, api: { host: "::1", port: 1 } }, environment));
    expect(config).toMatchObject({
      name: "Another",
      api: { host: "::1", port: 7777 },
      partner: { publicAddress: "bank.example:7600", allowPrivateAddresses: true, port: 7600 },
    });
  });

  test("every fault is named at once", () => {
    const check = () =>
      checkConfig({ party: "B", name: "", api: { port: 70000, hots: 1 }, partner: { publicAddress: "http://x" } });
    for (const place of ["party", "name", "api.port", "api: ", "partner.publicAddress"]) expect(check).toThrow(place);
  });

  test("plaintext is for loopback only", () => {
    const at = (host: string) => checkConfig({ ...base, api: { host, port: 7500 } });
    expect([servesTls(at("127.0.0.1")), consoleOrigin(at("127.0.0.1"))]).toEqual([false, "http://127.0.0.1:7500"]);
    expect([servesTls(at("::1")), consoleOrigin(at("::1"))]).toEqual([false, "http://[::1]:7500"]);
    expect([servesTls(at("0.0.0.0")), consoleOrigin(at("0.0.0.0"))]).toEqual([true, "https://localhost:7500"]);
    expect(servesTls(at("10.0.0.5"))).toBe(true);
  });
});

// scrypt takes 128 MiB and a good part of a second for each key, on purpose.
describe("keys", { timeout: 120_000 }, () => {
  test("sealed keys open with their passphrase only, and sign", async () => {
    const keysFolder = join(folder, "keys");
    await createKeys(keysFolder, "bank", "right");
    const { signing, tls } = await loadKeys(keysFolder, "right");
    const signature = signBytes(signing, Uint8Array.of(1, 2, 3));
    expect(verifyBytes(signing.publicKey, Uint8Array.of(1, 2, 3), signature)).toBe(true);
    expect(verifyBytes(signing.publicKey, Uint8Array.of(1, 2, 4), signature)).toBe(false);
    expect(verifyBytes(signing.publicKey.subarray(1), Uint8Array.of(1, 2, 3), signature)).toBe(false);
    expect(tls.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    for (const passphrase of ["wrong", undefined])
      await expect(loadKeys(keysFolder, passphrase)).rejects.toMatchObject({ code: "input.keys" });
    await expect(createKeys(keysFolder, "bank", "right")).rejects.toMatchObject({ code: "EEXIST" });
    expect(statSync(join(keysFolder, "signing-key.pem")).mode & 0o777).toBe(0o600);
  });

  test("an altered sealed key is refused", async () => {
    const keysFolder = join(folder, "altered");
    await createKeys(keysFolder, "bank", "right");
    const file = join(keysFolder, "signing-key.pem");
    const sealed = JSON.parse(readFileSync(file, "utf8"));
    const text = Buffer.from(sealed.text, "base64");
    text[0]! ^= 1;
    writeFileSync(file, JSON.stringify({ ...sealed, text: text.toString("base64") }));
    await expect(loadKeys(keysFolder, "right")).rejects.toMatchObject({ code: "input.keys" });
  });
});

describe("the lock of a data directory", () => {
  test("is held once, given back, and taken over from the dead", async () => {
    const file = join(folder, "node.lock");
    const lock = takeLock(file);
    expect(() => takeLock(file)).toThrow(TomboloError);
    expect(lockHolder(file)).toBe(process.pid);
    lock.release();
    expect(lockHolder(file)).toBeUndefined();

    const dead = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => dead.once("exit", resolve));
    writeFileSync(file, JSON.stringify({ pid: dead.pid, started: "" }));
    takeLock(file).release();
  });

  test("a process number that was used again is not mistaken for the holder", () => {
    const file = join(folder, "reused.lock");
    writeFileSync(file, JSON.stringify({ pid: process.pid, started: "another boot/1" }));
    expect(lockHolder(file)).toBeUndefined();
    takeLock(file).release();
  });

  test("an empty or torn lock file is taken over", () => {
    const file = join(folder, "torn.lock");
    writeFileSync(file, "");
    takeLock(file).release();
  });
});

test("the log holds no secret field, no private detail, no database message", () => {
  let written = "";
  const sink = new Writable({
    write(chunk, _encoding, done) {
      written += chunk;
      done();
    },
  });
  const log = createLog("bank", "info", sink);
  const cause = Object.assign(new Error("duplicate key (phone)=(13900000000)"), { code: "23505" });
  const err = new TomboloError("input.csv", "line 3 has 2 columns", { detail: { value: "13900000000" }, cause });
  log.error({ err, password: "hunter2", nested: { token: "tok-1", secret: "sec-1" } }, "failed");
  expect(written).toContain("line 3 has 2 columns");
  expect(written).toContain("23505");
  for (const secret of ["hunter2", "tok-1", "sec-1", "13900000000"]) expect(written).not.toContain(secret);
});
