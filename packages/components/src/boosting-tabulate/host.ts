/** A host of a model: what it would answer for each of its rows, into a catalogue. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import {
  type FlatHost,
  flatHost,
  hostDigests,
  scoreRecordBytes,
  scoreRecords,
  tabulatingMessages,
} from "@tombolo/federated/vertical/boosting";
import { usedValues } from "@tombolo/federated/vertical/serving";
import { publishMessages } from "@tombolo/protocols/psi/unbalanced";
import { storedHostModel } from "../boosting-train/model.ts";
import { type Contents, makeCatalogue } from "../catalogue/making.ts";
import type { TableFile } from "../component.ts";
import { modelColumns } from "../pipeline/model-rows.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { HOUR_MS, timesOf } from "../score-service/ages.ts";
import { guestPeer } from "../tables.ts";
import type { Context } from "./parameters.ts";

export async function runHost(context: Context): Promise<void> {
  const { part, pipeline } = storedHostModel(await context.inputs.model("model"));
  const data = await context.inputs.file("data");
  const messages = { ...tabulatingMessages, ...publishMessages };
  const peer = await guestPeer(context, messages);
  const digest = (await hostDigests(part)).at(-1)!;
  if ((await peer.receive("model")).digest !== digest)
    throw new TomboloError("protocol.agreement", "guest and host hold parts of different models");
  await makeCatalogue(context, peer, data, contentsOf(context, { host: flatHost(part), digest, pipeline }, data), null);
}

interface HostPart {
  readonly host: FlatHost;
  readonly digest: string;
  readonly pipeline: Pipeline | undefined;
}

function contentsOf(context: Context, part: HostPart, data: TableFile): Contents {
  const { host, digest } = part;
  const shape = { splits: host.splits.count, ages: context.parameters.staleAfterHours !== null };
  return {
    recordBytes: scoreRecordBytes(shape),
    about: { columns: [], scores: { digest, ...shape } },
    objective: "score",
    records: () => recordsOf(context, part, data),
  };
}

async function recordsOf(context: Context, { host, pipeline }: HostPart, data: TableFile): Promise<Uint8Array> {
  const { asOf } = context.partyParameters;
  const { staleAfterHours } = context.parameters;
  const used = host.splits.columns;
  const takes = { pipeline, columns: used.map(({ name }) => name) };
  const { columns, others } = await modelColumns(context, data, takes, asOf === null ? [] : [asOf]);
  const now = await firstStartedAt(context);
  const times = others[0] === undefined ? new Float64Array(data.rowCount).fill(now) : timesOf(others[0]);
  const staleFrom = staleAfterHours === null ? null : times.map((time) => time + staleAfterHours * HOUR_MS);
  return scoreRecords(host, usedValues(used, columns), data.rowCount, staleFrom, now);
}

/** The same in all attempts: records that differed between two would tell which entries of a catalogue are dummies. */
async function firstStartedAt({ startedAtMs, workFolder }: Context): Promise<number> {
  const path = join(await workFolder(), "started");
  const kept = await readFile(path, "utf8").catch(() => undefined);
  if (kept !== undefined && kept !== "") return Number(kept);
  await writeFile(path, String(startedAtMs), { mode: 0o600, flush: true });
  return startedAtMs;
}
