/**
 * What node and runner say to each other over the child's IPC channel. The capability is all a runner ever gets: no
 * key, no database, no admin API (SECURITY.md rule 16).
 */
import type { PublicError } from "@tombolo/base";
import type {
  GivenReference,
  ModelSummary,
  Observed,
  Participant,
  PortKind,
  StepFigures,
  Text,
} from "@tombolo/components";

export interface InputFile {
  readonly kind: PortKind;
  /** Absolute path of the file a finished task of this party, or an earlier job, left. */
  readonly path: string;
  /** Of a table. */
  readonly rows?: number | null;
}

export interface DatasetAccess {
  readonly path: string;
  /** The only columns that may be read. */
  readonly columns: readonly string[];
  /** The grant's row filter, in the allow-listed grammar. */
  readonly filter: string | null;
}

export interface Capability {
  readonly job: string;
  readonly task: string;
  readonly attempt: number;
  readonly component: string;
  readonly componentVersion: string;
  readonly self: Participant;
  readonly participants: readonly Participant[];
  readonly parameters: unknown;
  readonly partyParameters: unknown;
  readonly seed: number;
  readonly minimumRows: number;
  /** 32 bytes in hex, see `TaskContext`. */
  readonly drawSalt: string;
  readonly binding: {
    readonly consentHash: string;
    readonly protocol: string;
    readonly suite: string;
    /** SHA-256 of which attempts the inputs are, with what each party says they left. Absent: there are none. */
    readonly inputs?: string;
  };
  readonly datasets: Readonly<Record<string, DatasetAccess>>;
  readonly inputs: Readonly<Record<string, InputFile>>;
  /** Of this attempt alone. */
  readonly folder: string;
  /** Of the task: what one attempt agreed on, the next may read. */
  readonly checkpointFile: string;
  readonly link: { readonly socketPath: string; readonly token: string };
  /** The whole attempt. */
  readonly deadlineSeconds: number;
  /** Of a service: when it ends, in ms since 1970. */
  readonly servesUntil: number | null;
  /** Of a service: its rows may be looked up in the node's online store. */
  readonly rowStore: boolean;
  /** Longest absence of a partner. */
  readonly awaySeconds: number;
}

/** One file an attempt left; `digest` is the SHA-256 of its bytes. */
export interface OutputFile {
  readonly port: string;
  readonly kind: PortKind;
  readonly file: string;
  /** SHA-256 of salt and file. Partners get digests signed, and must not be able to guess what few possible outputs are. */
  readonly digest: string;
  readonly salt: string;
  readonly rows: number | null;
  readonly summary: ModelSummary | null;
  readonly report: { readonly kind: string; readonly title: Text } | null;
}

export interface MeterCount {
  readonly partner: string;
  readonly name: string;
  readonly direction: "out" | "in";
  readonly messages: number;
  readonly bytes: number;
}

export interface ProgressUpdate {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly rows: number | null;
  readonly round: number | null;
}

export interface RunnerFailure extends PublicError {
  readonly detail: Readonly<Record<string, unknown>> | null;
}

/** Of the online store; see `RowStore`. */
export type RowsCall =
  | { readonly op: "get"; readonly keys: Uint8Array }
  | {
      readonly op: "write";
      readonly keys: Uint8Array;
      readonly values: readonly (Uint8Array | null)[];
      readonly mark: string | null;
    }
  | { readonly op: "mark" }
  | { readonly op: "clear" };

/** To "get": values. To "mark": the mark. */
export type RowsAnswer = readonly (Uint8Array | null)[] | string | null;

export type ToRunner =
  | { readonly type: "start"; readonly capability: Capability }
  | { readonly type: "drawn"; readonly draw: number; readonly refusal: PublicError | null }
  | { readonly type: "reserved"; readonly reserve: number; readonly rows: number; readonly refusal: PublicError | null }
  | { readonly type: "rows"; readonly call: number; readonly answer: RowsAnswer; readonly refusal: PublicError | null }
  /** Of a service, once it is "serving". */
  | { readonly type: "ask"; readonly ask: number; readonly items: readonly unknown[] }
  /** A service ends in order: what was asked is still answered. */
  | { readonly type: "end" }
  | { readonly type: "stop"; readonly reason: PublicError };

export type FromRunner =
  | { readonly type: "progress"; readonly progress: ProgressUpdate }
  | { readonly type: "figures"; readonly figures: StepFigures }
  | { readonly type: "meter"; readonly counts: readonly MeterCount[] }
  | { readonly type: "log"; readonly level: "info" | "warn" | "error"; readonly message: string }
  /** Answered by "drawn" with the same number once it is durable, or refused. */
  | {
      readonly type: "draw";
      readonly draw: number;
      readonly party: string;
      readonly ids: number;
      readonly references: readonly GivenReference[] | null;
    }
  /** Answered by "reserved" with the same number. */
  | { readonly type: "reserve"; readonly reserve: number; readonly needed: number }
  /** Answered by "rows" with the same number. */
  | { readonly type: "rows"; readonly call: number; readonly rows: RowsCall }
  /** From now on it may be asked. */
  | { readonly type: "serving" }
  /** To "ask" of the same number. */
  | { readonly type: "answered"; readonly ask: number; readonly items: readonly unknown[] }
  | { readonly type: "answered"; readonly ask: number; readonly refusal: PublicError }
  | { readonly type: "observed"; readonly counts: Observed }
  | { readonly type: "done"; readonly outputs: readonly OutputFile[] }
  | { readonly type: "failed"; readonly failure: RunnerFailure };
