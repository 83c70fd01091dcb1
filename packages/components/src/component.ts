import type { Column, ColumnTable, Sampling, Secrets } from "@tombolo/base";
import type { MessageTable, Peer } from "@tombolo/channel";
import type { z } from "zod";
import type { Pipeline } from "./pipeline/pipeline.ts";
import type { RowStore } from "./row-store.ts";
import type { Clock, Observed, ServiceKind } from "./service.ts";

/** Both languages of everything a person reads. */
export interface Text {
  readonly en: string;
  readonly zh: string;
}

export interface RoleSpec {
  readonly min: number;
  /** null: no limit. */
  readonly max: number | null;
}
export const one: RoleSpec = { min: 1, max: 1 };
export const many: RoleSpec = { min: 1, max: null };
export const anyNumber: RoleSpec = { min: 0, max: null };

export type PortKind = "table" | "model" | "report";
export interface Port {
  readonly kind: PortKind;
  readonly optional: boolean;
  /** Roles that have it; null: every participant. */
  readonly roles: readonly string[] | null;
  /**
   * Of an input: "required" wants the rows in the joint order of all participants, when there are several.
   * Of an output: "made" puts the participants' rows into a joint order, "kept" leaves them as the inputs are.
   */
  readonly aligned: "required" | "made" | "kept" | null;
  /** Of a model: what kind it is of, as `ModelSummary` names it; null: the component tells by itself. */
  readonly holds: string | null;
}
const port = (kind: PortKind): Port => ({ kind, optional: false, roles: null, aligned: null, holds: null });
export const table = (): Port => port("table");
export const model = (holds: string | null = null): Port => ({ ...port("model"), holds });
export const report = (): Port => port("report");
export const optional = (port: Port): Port => ({ ...port, optional: true });
export const onlyAt = (port: Port, ...roles: string[]): Port => ({ ...port, roles });
export const aligned = (port: Port, how: "required" | "made" | "kept"): Port => ({ ...port, aligned: how });

/** One party's use of one of its own datasets. */
export interface DatasetUse {
  readonly datasetId: string;
  /** Every column read: keys, label and features. */
  readonly columns: readonly string[];
}

/** A party as a task sees it. */
export interface Participant {
  readonly party: string;
  readonly role: string;
}

/** One statement of what `recipient` learns about the data of `about`, true by what the code does. */
export interface Disclosure {
  readonly recipient: string;
  readonly about: string;
  /** Stable machine name, e.g. "matched-rows", "row-count", "node-sums". */
  readonly kind: string;
  readonly text: Text;
}

export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly rows?: number;
  readonly round?: number;
}

/** What is known after a step of a training: figures by name, those of a part of the rows as "validation.loss". */
export interface StepFigures {
  /** From 1 on; of an ensemble its rounds. */
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

/** What a component does with a table's columns later: the id, label and feature columns of one party's own rows. */
export interface TaskTable extends ColumnTable {
  /** Own id columns' names among `columns`; other parties' columns are never here. */
  readonly keys: readonly string[];
  readonly label: string | null;
  /** True once rows are in the joint order of all parties of the task that made it. */
  readonly aligned: boolean;
  /** What its features went through since they were read; absent: nothing. */
  readonly pipeline?: Pipeline;
  readonly copiesMax?: number;
}

/** What is known of a table beside its rows. */
export interface TableNote {
  readonly keys: readonly string[];
  readonly label: string | null;
  readonly aligned: boolean;
  /** What its features went through since they were read; absent: nothing. */
  readonly pipeline?: Pipeline;
  /** So often at most the same row stands in it, the same number at all parties of a joint order; absent: once. */
  readonly copiesMax?: number;
}

/** A table as the file it lies in, for work that never holds it whole. Own rows only, as in `TaskTable`. */
export interface TableFile extends TableNote {
  /** Of a Parquet file; to be read through packages/datasets. */
  readonly path: string;
  readonly rowCount: number;
  readonly columns: readonly { readonly name: string; readonly kind: Column["kind"] }[];
}

export interface DatasetCopy extends TableNote {
  /** The output. */
  readonly port: string;
  /** Rows without a value in this column are left out; null: none are. */
  readonly complete: string | null;
}

export interface CopiedRows {
  readonly kept: number;
  readonly leftOut: number;
}

/** To what one data subject authorised, as it comes with a question; its scope is in the consent. */
export interface GivenReference {
  /** SHA-256 of the document, in hex. */
  readonly hash: string;
  /** In ms since 1970. */
  readonly expires: number;
}

/** Everything a component's run may touch: no clock, socket, file or database of its own. */
export interface TaskContext<P, PP> {
  readonly self: Participant;
  /** All participants of this task, self included, in the flow's order. */
  readonly participants: readonly Participant[];
  readonly parameters: P;
  /** Own party parameters; a partner's are not here unless the flow shows them (it does, in the consent). */
  readonly partyParameters: PP;
  readonly inputs: {
    table(port: string): Promise<TaskTable>;
    /** The same table, unread. */
    file(port: string): Promise<TableFile>;
    model(port: string): Promise<unknown>;
    /** Of files that the model's maker left beside its own part; see `outputs.modelFolder`. */
    modelFolder(port: string): Promise<string>;
    has(port: string): boolean;
  };
  readonly outputs: {
    table(port: string, value: TaskTable): Promise<void>;
    /**
     * `write` leaves a Parquet file at the path it is given, made of rows of `source`, and says how many; with the columns
     * that `note` names, or all of them; they went through what those of `source` did.
     */
    file(
      port: string,
      source: TableFile,
      note: Omit<TableNote, "pipeline"> & { readonly columns?: readonly string[] },
      write: (path: string) => Promise<number>,
    ): Promise<void>;
    /** `summary` is what the model list shows; `value` is the own part, JSON-able. */
    model(port: string, value: unknown, summary: ModelSummary): Promise<void>;
    /** For what is too large or too secret for the model itself: lives and goes with it, and is never shown. */
    modelFolder(port: string): Promise<string>;
    report(port: string, value: ReportValue): Promise<void>;
  };
  /**
   * The capability of read-table alone: the one dataset the consent names, its allowed columns and row filter, to an
   * output of this task, without the table in memory.
   */
  copyDataset(datasetId: string, columns: readonly string[], to: DatasetCopy): Promise<CopiedRows>;
  /** Opens the session with a participant: one message table per pair and task. */
  peer<M extends MessageTable, Role extends string>(
    messages: M,
    role: Role,
    peerRole: string,
    party: string,
  ): Promise<Peer<M, Role>>;
  /**
   * Draws on the budget that this node keeps of what `party` asks about the task's own data: `ids` as the protocol
   * enforces them. To be awaited once they are known and before anything leaves that depends on own ids. Durable when
   * it resolves; rejects with `consent.budget` when too little is left.
   */
  draw(party: string, ids: number, references?: readonly GivenReference[]): Promise<void>;
  /**
   * Of a component that serves: rows that this party's permits let its models score, reserved durably before they are.
   * Answers how many may be from now on, at least `needed`; rejects with `consent.*` when there are fewer, and the node
   * ends the service. See `RowsAhead`.
   */
  reserveRows(needed: number): Promise<number>;
  /**
   * Of a component that serves, at the role that is asked: each batch that the node asks goes to `answer`, which answers
   * every item in its place, JSON-able; an `ItemRefusal` where an item gets no answer. Several may be under way. Resolves
   * at the service's end, once all that was asked is answered. A batch whose answer rejects is refused as a whole.
   */
  serve(answer: (batch: readonly unknown[]) => Promise<readonly unknown[]>): Promise<void>;
  /** Of a component that serves: where its rows are looked up, if the own node has an online store; null: in memory. */
  readonly rowStore: RowStore | null;
  /** What the own node keeps to watch the service by; at most once a second, whole each time. */
  observe(counts: Observed): void;
  /** For services, whose answers have to come in time; nothing else looks at the time of day. */
  readonly clock: Clock;
  /** By the own node's clock, in ms since 1970. */
  readonly startedAtMs: number;
  readonly secrets: Secrets;
  readonly sampling: Sampling;
  /** The own node's, 32 bytes, the same in all tasks of a project and known to no partner: what keys draws that partners see. */
  readonly drawSalt: Uint8Array;
  readonly signal: AbortSignal;
  readonly policy: Policy;
  progress(update: Progress): void;
  /** For the own node's people while the task runs, and for nobody else: what its report will hold in the end. */
  figures(figures: StepFigures): void;
  log(level: "info" | "warn", message: string): void;
  /** Agreed stage outputs only (SECURITY.md rule 2): survives a crash, read by the next attempt. */
  readonly checkpoint: {
    load(): Promise<unknown>;
    save(value: unknown): Promise<void>;
  };
  /** A folder of this task alone, on disk, which later attempts find as it was left. The component empties it. */
  workFolder(): Promise<string>;
}

export interface Policy {
  /** Groups, bins and nodes below this many rows are merged or suppressed at their owner. */
  readonly minimumRows: number;
}

export interface ModelSummary {
  readonly kind: string;
  readonly objective: string;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface ReportValue {
  /** What draws it: "binary-evaluation", "regression-evaluation", "boosting-training", "psi", "importance". */
  readonly kind: string;
  readonly title: Text;
  readonly data: unknown;
}

export interface DisclosureContext<P> {
  readonly parameters: P;
  readonly partyParameters: Readonly<Record<string, unknown>>;
  readonly participants: readonly Participant[];
}

/** Parameters that do not go together, or not with who takes part. */
export interface ParameterFault {
  readonly parameter: string;
  readonly message: string;
  readonly remedy: string;
  readonly zh: { readonly message: string; readonly remedy: string };
}

export interface Component<P extends z.ZodType = z.ZodType, PP extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly version: string;
  readonly title: Text;
  readonly summary: Text;
  readonly roles: Readonly<Record<string, RoleSpec>>;
  /** The same for all parties. */
  readonly parameters: P;
  /** Each party's own: dataset, columns, keys. All parties see them in the consent. */
  readonly partyParameters: PP;
  readonly inputs: Readonly<Record<string, Port>>;
  readonly outputs: Readonly<Record<string, Port>>;
  /** Where parameters decide who has an output and whether its rows are aligned; absent: `outputs` for all. */
  outputsFor?(parameters: z.output<P>): Readonly<Record<string, Port>>;
  /** What the schema alone cannot refuse: checked before consent, and by the run itself. */
  faults?(context: {
    readonly parameters: z.output<P>;
    readonly participants: readonly Participant[];
    /** Without what the flow leaves out. */
    readonly written: Readonly<Record<string, unknown>>;
    /** Ports that something goes into. */
    readonly inputs: readonly string[];
  }): readonly ParameterFault[];
  /** The protocol run between a pair, for the consent hash, the session binding and the live view; null: local only. */
  readonly protocol: { readonly name: string; readonly messages: MessageTable } | null;
  /** A service; `until` is among its parameters. Absent: the task ends once its work is done. */
  readonly serves?: ServiceKind;
  /** What it makes answers in a service later: models are used there, and not by this task. */
  readonly prepares?: ServiceKind;
  /** What a grant of use "score" also allows; everything else needs "train". */
  readonly use: "train" | "score" | "both";
  /** The dataset a party's part reads; absent: the component reads none. */
  reads?(partyParameters: z.output<PP>): DatasetUse;
  /**
   * A flow has at most one task of it over a party's dataset: results over the same or nearly the same rows tell by
   * subtraction what each withholds, or by other limits what lies between them, and first attempts of one job share a use of the grant.
   * Absent: as many as there are.
   */
  oncePerDataset?(parameters: z.output<P>): boolean;
  discloses(context: DisclosureContext<z.output<P>>): readonly Disclosure[];
  /** One function per role. */
  readonly run: Readonly<Record<string, (context: TaskContext<z.output<P>, z.output<PP>>) => Promise<void>>>;
}

/** Checks and fixes the types of one definition; the API schema, form, documentation and consent text come from it. */
export const component = <P extends z.ZodType, PP extends z.ZodType>(definition: Component<P, PP>): Component<P, PP> =>
  definition;
