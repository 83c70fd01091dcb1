/**
 * One error class for everything a peer, a user, the network or the machine can cause.
 * An assertion means a bug of ours; a TomboloError means somebody else can mend it.
 *
 * The public part (code, message, stage, blame, remedy) may be shown to partners and written to logs.
 * The private part (`detail`) belongs to the party that raised it and never goes on the wire.
 */
export type ErrorFamily =
  | "input" // a user's file, parameter or command
  | "protocol" // a peer broke the protocol: malformed, out of range, out of order
  | "transport" // the network or the partner's node is not there, or too slow
  | "consent" // a grant, consent or budget says no
  | "auth" // who you are, or what you may do
  | "state" // not possible in the present state (already finished, unknown id)
  | "resource" // disk, memory, limits of this machine
  | "aborted"; // ended by cancel or by another party

export type ErrorCode = `${ErrorFamily}.${string}`;

export interface ErrorOptions {
  /** What the owner can do about it; a sentence in the imperative. */
  readonly remedy?: string;
  /** The step in which it happened, e.g. "psi/blind". */
  readonly stage?: string;
  /** The party id that caused it. */
  readonly blame?: string;
  /** Private to its owner: rows, columns, values, paths. Never on the wire. */
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export interface PublicError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly stage?: string;
  readonly blame?: string;
  readonly remedy?: string;
}

export class TomboloError extends Error {
  override readonly name = "TomboloError";
  readonly code: ErrorCode;
  readonly remedy: string | undefined;
  readonly stage: string | undefined;
  readonly blame: string | undefined;
  readonly detail: Readonly<Record<string, unknown>> | undefined;

  /** `message` is public: it never holds row values, secrets or paths. */
  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
    this.stage = options.stage;
    this.blame = options.blame;
    this.detail = options.detail;
  }

  get family(): ErrorFamily {
    return this.code.slice(0, this.code.indexOf(".")) as ErrorFamily;
  }

  /** The part peers and logs may see. */
  toPublic(): PublicError {
    return {
      code: this.code,
      message: this.message,
      ...(this.stage === undefined ? {} : { stage: this.stage }),
      ...(this.blame === undefined ? {} : { blame: this.blame }),
      ...(this.remedy === undefined ? {} : { remedy: this.remedy }),
    };
  }

  /** Converts what was caught once, at the boundary; a TomboloError passes unchanged. */
  static from(error: unknown, code: ErrorCode = "state.internal", message = "an internal error"): TomboloError {
    return error instanceof TomboloError ? error : new TomboloError(code, message, { cause: error });
  }
}

/** Our own bug if it fails. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`);
}

export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`);
}
