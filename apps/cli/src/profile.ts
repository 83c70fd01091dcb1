import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { TomboloError } from "@tombolo/base";
import { Client } from "@tombolo/sdk";

/** Where a node's API is and the key to use; kept per name in the user's configuration folder, readable by the user only. */
interface Profile {
  readonly url: string;
  readonly apiKey: string;
  /** PEM: what the node's certificate is checked against beside the system's own authorities. */
  readonly ca?: string;
}

export interface Connection {
  readonly profile?: string | undefined;
  readonly url?: string | undefined;
}

const file = (): string => join(process.env.XDG_CONFIG_HOME ?? join(homedir(), ".config"), "tombolo", "profiles.json");

function readProfiles(): Record<string, Profile> {
  if (!existsSync(file())) return {};
  try {
    return JSON.parse(readFileSync(file(), "utf8")) as Record<string, Profile>;
  } catch (cause) {
    throw new TomboloError("input.profile", "the file of saved profiles is not JSON", {
      cause,
      remedy: "Delete it and run `tombolo login` again.",
      detail: { path: file() },
    });
  }
}

export function saveProfile(name: string, profile: Profile | null): void {
  const profiles = readProfiles();
  if (profile === null) delete profiles[name];
  else profiles[name] = profile;
  mkdirSync(dirname(file()), { recursive: true, mode: 0o700 });
  if (Object.keys(profiles).length === 0) rmSync(file(), { force: true });
  else {
    writeFileSync(file(), `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 });
    chmodSync(file(), 0o600);
  }
}

/** The certificate, or its authority's, that a node beyond loopback shows; from then on this process trusts it. */
export function trustFile(path: string): string {
  const pem = readFileSync(path, "utf8");
  trust(pem, path);
  return pem;
}

function trust(pem: string, from: string): void {
  if (!pem.includes("-----BEGIN CERTIFICATE-----"))
    throw new TomboloError("input.certificate", `${from}: this is not a PEM certificate`, {
      remedy: "Give the node's keys/console-certificate.pem, or the file of the authority that signed its certificate.",
    });
  setDefaultCACertificates([...getCACertificates("default"), pem]);
}

/** The node to talk to: TOMBOLO_URL and TOMBOLO_API_KEY, else the named or only profile. */
export function connect(connection: Connection): Client {
  const { TOMBOLO_URL, TOMBOLO_API_KEY, TOMBOLO_CA_FILE } = process.env;
  if (TOMBOLO_CA_FILE !== undefined) trustFile(TOMBOLO_CA_FILE);
  if (connection.profile === undefined && TOMBOLO_API_KEY !== undefined) {
    return new Client({ origin: connection.url ?? TOMBOLO_URL ?? "http://127.0.0.1:7500", apiKey: TOMBOLO_API_KEY });
  }
  const profiles = readProfiles();
  const names = Object.keys(profiles);
  const name = connection.profile ?? process.env.TOMBOLO_PROFILE ?? (names.length === 1 ? names[0] : "default");
  const profile = profiles[name ?? "default"];
  if (profile === undefined) {
    throw new TomboloError("input.profile", `no profile "${name}"`, {
      remedy:
        names.length === 0
          ? "Make an API key (`tombolo key add`, or the console), then run `tombolo login <url>`; or set TOMBOLO_API_KEY."
          : `Use --profile with one of: ${names.join(", ")}.`,
    });
  }
  if (profile.ca !== undefined) trust(profile.ca, "the profile");
  return new Client({ origin: connection.url ?? profile.url, apiKey: profile.apiKey });
}
