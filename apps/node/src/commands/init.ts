import { parseArgs } from "node:util";
import { TomboloError } from "@tombolo/base";
import { createDataFolder } from "../config/data-folder.ts";
import { loadKeys } from "../config/keys.ts";
import { passphraseOf } from "../config/passphrase.ts";
import { type Command, outputOf, required } from "./command.ts";

export const init: Command = {
  usage: `init --dir <directory> --party <id> --name <name>
      [--listen host:port] [--public-address host:port] [--proxy host:port] [--allow-private-addresses]
      [--api-host host] [--api-port port] [--database-url postgres://...]
      makes a party's data directory: keys, configuration, empty folders`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        dir: { type: "string" },
        party: { type: "string" },
        name: { type: "string" },
        listen: { type: "string" },
        "public-address": { type: "string" },
        proxy: { type: "string" },
        "allow-private-addresses": { type: "boolean" },
        "api-host": { type: "string" },
        "api-port": { type: "string" },
        "database-url": { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const directory = required(values.dir, "--dir");
    const party = required(values.party, "--party");
    const passphrase = passphraseOf(process.env);
    const listen = values.listen === undefined ? {} : hostAndPort(values.listen);
    const config = withoutUndefined({
      party,
      name: required(values.name, "--name"),
      api: withoutUndefined({ host: values["api-host"], port: numberOf(values["api-port"]) }),
      partner: withoutUndefined({
        ...listen,
        publicAddress: values["public-address"],
        proxy: values.proxy,
        allowPrivateAddresses: values["allow-private-addresses"],
      }),
      database: withoutUndefined({ url: values["database-url"] }),
    });
    const paths = await createDataFolder({ directory, config, passphrase });
    const { signing, tls } = await loadKeys(paths.keys, passphrase);
    const sealed = passphrase !== undefined;
    outputOf(values.json).print(
      {
        directory: paths.root,
        party,
        signingKeyFingerprint: signing.fingerprint,
        certificateFingerprint: tls.fingerprint,
        sealed,
      },
      [
        `Data directory of ${party}: ${paths.root}`,
        `Signing key  ${signing.fingerprint}`,
        `Certificate  ${tls.fingerprint}`,
        sealed
          ? "The private keys are under your passphrase."
          : "The private keys are not under a passphrase (set TOMBOLO_PASSPHRASE before init).",
        "Keep a backup of the keys folder: without it partners will not know this node.",
        `Next: tombolo start --dir ${directory}`,
      ],
    );
    return 0;
  },
};

function hostAndPort(text: string): { host: string; port: number | undefined } {
  const at = text.lastIndexOf(":");
  if (at <= 0) throw new TomboloError("input.arguments", "--listen is host:port");
  return { host: text.slice(0, at).replace(/^\[(.*)\]$/, "$1"), port: numberOf(text.slice(at + 1)) };
}

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

const withoutUndefined = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value).filter(
      ([, each]) => each !== undefined && !(typeof each === "object" && Object.keys(each as object).length === 0),
    ),
  );
