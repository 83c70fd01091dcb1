/** The host's part of a service: its rows by id, the answers to the guest, and changes that its own node pushes. */
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import {
  type HostForm,
  type HostServeInput,
  ID_BYTES,
  idWords,
  ServingStore,
  type ServingTable,
  serveHost,
  usedValues,
} from "@tombolo/federated/vertical/serving";
import type { TableFile, TaskContext } from "../component.ts";
import { modelColumns } from "../pipeline/model-rows.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { streamDigests } from "../psi/table-ids.ts";
import { dayOf, type ItemRefusal, type Observed, RowsAhead } from "../service.ts";
import { guestOf, guestPeer } from "../tables.ts";
import { HOUR_MS, timesOf } from "./ages.ts";
import { digestPrefix, digestsOf, encodedId, refusal } from "./items.ts";
import type { Parameters, PartyParameters } from "./parameters.ts";
import { RowReader } from "./row-reader.ts";
import { RowsElsewhere } from "./rows-elsewhere.ts";

type Context = TaskContext<Parameters, PartyParameters>;

const CHANGES_BYTES_MAX = 256 * 2 ** 20;
const TELL_MS = 1_000;
const DRAWN_AHEAD = 1_000;
const ID_WORDS = ID_BYTES / 4;

/** A row that is new or has changed, or one that is gone. */
export type StoreChange =
  | { readonly put: { readonly id: string | readonly string[]; readonly features: Readonly<Record<string, unknown>> } }
  | { readonly remove: string | readonly string[] };

/** A host's part of a model, as serving needs it. */
export interface ServedPart<M extends ServingTable> {
  readonly modelId: string;
  /** As the guest's part has it too. */
  readonly digest: string;
  readonly form: HostForm;
  readonly messages: M;
  /** What its training rows went through; undefined of models of a version that did not keep it. */
  readonly pipeline: Pipeline | undefined;
  /** Before the session opens: what seals answers, as of HostServeInput. */
  readonly openSeal?: ((peer: Peer<M, "host">) => Promise<HostServeInput["seal"]>) | undefined;
}

export async function serveRows<M extends ServingTable>(context: Context, part: ServedPart<M>): Promise<void> {
  const data = await context.inputs.file("data");
  const rows = new HostRows(context, part, data);
  await rows.open();
  const { staleAfterHours } = context.parameters;
  const since = (): number => (staleAfterHours === null ? 0 : context.clock.now() - staleAfterHours * HOUR_MS);
  const peer = await guestPeer(context, part.messages);
  const changing = context.serve((batch) => rows.change(batch));
  changing.catch(() => {}); // the guest ends the service, not this
  const drawn = drawnAhead(context);
  const counting = countingRows(context, () => ({ ...columnsOf(rows.served), ...rows.observed }));
  const reserved = new RowsAhead((needed) => context.reserveRows(needed));
  const onBatch = async (count: number): Promise<void> => {
    await reserved.take(count);
    await drawn(count);
    counting.add(count);
  };
  try {
    const seal = await part.openSeal?.(peer);
    await serveHost({ digest: part.digest, store: rows.served, since, onBatch, seal }, peer);
  } finally {
    counting.tell();
  }
}

/** Ids are tried on the table by asking for scores too: they draw on its budget, ahead, so that few wait for the disk. */
function drawnAhead(context: Context): (ids: number) => Promise<void> {
  const { party } = guestOf(context);
  let [left, day] = [0, dayOf(context.clock.now())];
  return async (ids) => {
    const today = dayOf(context.clock.now());
    if (today !== day) [left, day] = [0, today];
    if (left < ids) {
      const needed = ids - left;
      const ahead = Math.max(needed, DRAWN_AHEAD);
      left += await context.draw(party, ahead).then(
        () => ahead,
        async (error: unknown) => {
          if (!(error instanceof TomboloError) || error.code !== "consent.budget" || ahead === needed) throw error;
          await context.draw(party, needed);
          return needed;
        },
      );
    }
    left -= ids;
  };
}

/** Rows that the guest asked about, and what else is counted, for the own node; at most once a second. */
export function countingRows(
  context: Pick<Context, "clock" | "observe">,
  more: () => Observed = () => ({}),
): { add(rows: number): void; tell(): void } {
  let [total, toldAt] = [0, 0];
  const tell = (): void => {
    toldAt = context.clock.now();
    context.observe({ ...more(), rows: [total] });
  };
  return {
    add(rows) {
      total += rows;
      if (context.clock.now() - toldAt >= TELL_MS) tell();
    },
    tell,
  };
}

/** Own columns by bin: of the rows asked about that are here, and of all that are. */
const columnsOf = ({ counts }: Pick<ServingStore, "counts">): Observed =>
  Object.fromEntries(
    counts.flatMap(({ name, told, held }) => [
      [`column:${name}`, [...told]],
      [`held:${name}`, [...held]],
    ]),
  );

type Changed = ItemRefusal | { done: boolean };
/** Has `work` change rows of these ids. */
type Change = <T>(ids: Uint32Array, work: (rows: ServingStore) => T) => Promise<T>;

class HostRows {
  readonly #elsewhere: RowsElsewhere | null;
  #store: ServingStore | null = null;
  readonly #context: Context;
  readonly #form: HostForm;
  readonly #pipeline: Pipeline | undefined;
  readonly #reader: RowReader;
  readonly #prefix: Uint8Array;
  readonly #data: TableFile;
  #changes: Promise<unknown> = Promise.resolve();
  #keptBytes = 0;
  #filling = false;

  constructor(
    context: Context,
    { form, modelId, pipeline }: Pick<ServedPart<ServingTable>, "form" | "modelId" | "pipeline">,
    data: TableFile,
  ) {
    this.#context = context;
    this.#form = form;
    this.#pipeline = pipeline;
    this.#reader = new RowReader(form.columns, pipeline);
    this.#prefix = digestPrefix(modelId);
    this.#data = data;
    const { rowStore: store, log, parameters } = context;
    const { rowsMax } = parameters;
    this.#elsewhere =
      store === null ? null : new RowsElsewhere({ store, form, rowsMax, log, onLost: () => this.#fillAgain() });
  }

  get served(): RowsElsewhere | ServingStore {
    return this.#elsewhere ?? this.#store!;
  }

  /** Counts of what changed rows held that the steps of the pipeline had not seen. */
  get observed(): Observed {
    return this.#reader.observed;
  }

  async open(): Promise<void> {
    if (this.#elsewhere === null) this.#store = await this.#loaded();
    else if (await this.#elsewhere.known()) this.#keptBytes = (await this.#keptText()).length;
    else await this.#fill(this.#elsewhere);
    this.#context.log("info", `${this.served.rowCount} rows are held`);
  }

  async #fill(elsewhere: RowsElsewhere): Promise<void> {
    const loaded = await this.#loaded();
    const total = loaded.rowCount;
    await elsewhere.fill(loaded, (done) => this.#context.progress({ stage: "store", done, total, rows: done }));
  }

  /** Between changes, and not twice at once. */
  #fillAgain(): void {
    if (this.#filling) return;
    this.#filling = true;
    this.#changes = this.#changes
      .then(() => this.#fill(this.#elsewhere!))
      .catch((error: unknown) => this.#context.log("warn", `rows are not loaded: ${TomboloError.from(error).message}`))
      .finally(() => {
        this.#filling = false;
      });
  }

  /** The table's rows, then the changes that were taken since. */
  async #loaded(): Promise<ServingStore> {
    const store = new ServingStore(this.#form, this.#data.rowCount, this.#context.parameters.rowsMax);
    const { duplicates, empty } = this.#context.parameters;
    const { emptyIds, repeated } = await this.#loadTable(store);
    if (emptyIds > 0 && empty === "refuse") throw refused("input.empty-id", "some rows have no usable id", emptyIds);
    if (repeated > 0 && duplicates === "refuse")
      throw refused("input.duplicate-id", "some ids stand in several rows", repeated);
    for (const line of await this.#kept()) await this.#apply(inMemory(store), line.changes, line.at);
    return store;
  }

  /** Durable once it is answered; changes come one after another. */
  change(batch: readonly unknown[]): Promise<readonly (ItemRefusal | { done: boolean })[]> {
    const work = this.#changes.then(async () => {
      const at = this.#context.clock.now();
      if (this.#keptBytes > CHANGES_BYTES_MAX) throw tooManyChanges();
      const change =
        this.#elsewhere === null ? inMemory(this.#store!) : (this.#elsewhere.change.bind(this.#elsewhere) as Change);
      const answers = await this.#apply(change, batch, at);
      const taken = batch.filter((_, i) => "done" in answers[i]!).map((change) => this.#used(change as StoreChange));
      if (taken.length > 0) await this.#keep(`${JSON.stringify({ at, changes: taken })}\n`);
      return answers;
    });
    this.#changes = work.catch(() => {});
    return work;
  }

  async #apply(change: Change, batch: readonly unknown[], at: number): Promise<Changed[]> {
    const ids = batch.map((change) => encodedId(idOf(change), this.#context.parameters.normalise));
    const usable = ids.filter((id) => id !== null);
    const words = idWords(await digestsOf(this.#prefix, usable));
    const one = (rows: ServingStore, given: unknown, id: number): Changed => {
      const put = (given as { put?: { features?: Record<string, unknown> } }).put;
      if (put === undefined) return { done: rows.remove(words, id) };
      const {
        values,
        refused: [refused],
      } = this.#reader.read([put.features ?? {}]);
      if (refused != null) return refused;
      try {
        rows.put(words, id, values, 0, at);
        return { done: true };
      } catch (error) {
        const { code, message } = TomboloError.from(error);
        return refusal(code, message);
      }
    };
    return change(words, (rows) => {
      let next = 0;
      return batch.map((given, i) =>
        ids[i] === null ? refusal("input.id", "the change has no usable id") : one(rows, given, ID_WORDS * next++),
      );
    });
  }

  async #loadTable(store: ServingStore): Promise<{ emptyIds: number; repeated: number }> {
    const { parameters, partyParameters, signal, startedAtMs } = this.#context;
    const used = this.#form.columns;
    const { asOf } = partyParameters;
    const takes = { pipeline: this.#pipeline, columns: used.map(({ name }) => name) };
    const { columns, others } = await modelColumns(this.#context, this.#data, takes, asOf === null ? [] : [asOf]);
    const values = usedValues(used, columns);
    const times = others[0] === undefined ? null : timesOf(others[0]);
    const row = new Float64Array(used.length);
    let repeated = 0;
    const key = this.#data.keys.map((name) => ({ name, rules: parameters.normalise }));
    const total = this.#data.rowCount;
    let done = 0;
    const emptyIds = await streamDigests(this.#data.path, key, this.#prefix, signal, async ({ digests, rows }) => {
      const ids = idWords(digests);
      for (let i = 0; i < rows.length; i++) {
        if (store.has(ids, ID_WORDS * i)) {
          repeated += 1;
          continue;
        }
        for (let c = 0; c < used.length; c++) row[c] = values[c]![rows[i]!]!;
        store.put(ids, ID_WORDS * i, row, 0, times?.[rows[i]!] ?? startedAtMs);
      }
      done += rows.length;
      this.#context.progress({ stage: "load", done: Math.min(done, total), total, rows: done });
    });
    return { emptyIds, repeated };
  }

  /** No more of a row than the model looks at. */
  #used(change: StoreChange): StoreChange {
    if ("remove" in change) return change;
    const { id, features } = change.put;
    const used = this.#reader.given.map(({ name }) => [name, features[name]] as const);
    return { put: { id, features: Object.fromEntries(used) } };
  }

  async #keep(line: string): Promise<void> {
    const log = await open(await this.#log(), "a", 0o600);
    try {
      await log.appendFile(line);
      await log.datasync();
    } finally {
      await log.close();
    }
    this.#keptBytes += line.length;
  }

  async #kept(): Promise<{ at: number; changes: unknown[] }[]> {
    const text = await this.#keptText();
    this.#keptBytes = text.length;
    // What a crash cut off was never answered.
    return text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { at: number; changes: unknown[] });
  }

  #keptText = async (): Promise<string> => readFile(await this.#log(), "utf8").catch(() => "");

  #log = async (): Promise<string> => join(await this.#context.workFolder(), "changes.jsonl");
}

const inMemory =
  (store: ServingStore): Change =>
  async (_ids, work) =>
    work(store);

const tooManyChanges = (): TomboloError =>
  new TomboloError("resource.changes", "the service has taken more changes than it keeps", {
    remedy: "Publish the table anew and deploy on it.",
  });

function idOf(change: unknown): unknown {
  if (typeof change !== "object" || change === null) return null;
  if ("remove" in change) return change.remove;
  return (change as { put?: { id?: unknown } | null }).put?.id ?? null;
}

const refused = (code: "input.empty-id" | "input.duplicate-id", message: string, rows: number): TomboloError =>
  new TomboloError(code, message, {
    remedy: "Mend the rows, or let the service leave them out.",
    detail: { rows },
  });
