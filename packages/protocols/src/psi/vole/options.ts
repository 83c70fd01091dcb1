import { type Secrets, TomboloError } from "@tombolo/base";
import { BLOCK_BYTES } from "@tombolo/crypto";
import { LABEL_BYTES_MAX, type Terms } from "./messages.ts";
import { ROWS_MAX, refused, SETTINGS, type Setting, type SettingName } from "./steps.ts";

export interface VolePsiOptions {
  readonly secrets: Secrets;
  /** Default `fast`. */
  readonly setting?: SettingName;
  /** Who learns which of its items matched; default both. */
  readonly output?: "both" | "receiver";
  /** 32 bytes that nothing else in the session has: the bucket's, where there are several. Default the peer's. */
  readonly binding?: Uint8Array;
  /** A partner that declares another number is refused. */
  readonly partnerRows?: number;
  readonly partnerRowsMax?: number;
  /** The run fails, or tells a match that is none, with probability 2^-failureBits each. Default 40; + log2 of the buckets. */
  readonly failureBits?: number;
  /** With the partner's rows, before anything leaves that depends on own items; rejects to refuse them. */
  readonly admit?: (partnerRows: number) => Promise<void>;
  /** Share of this run that is done, 0 to 1; must not throw. */
  readonly progress?: (share: number) => void;
}

/** a and c = a·delta + b in GF(2^128), 16 bytes each. */
export type ReceiveVole = (count: number) => Promise<{ readonly a: Uint8Array; readonly c: Uint8Array }>;
export type SendVole = (count: number) => Promise<{ readonly delta: Uint8Array; readonly b: Uint8Array }>;

export const settingOf = ({ setting = "fast" }: VolePsiOptions): Setting => SETTINGS[setting];

export const failureBitsOf = ({ failureBits = 40 }: VolePsiOptions): number => failureBits;

export function ownTerms(digests: Uint8Array, labelBytes: number, options: VolePsiOptions): Terms {
  const rows = digests.length / BLOCK_BYTES;
  if (!Number.isInteger(rows)) throw new RangeError(`digests have ${BLOCK_BYTES} bytes each`);
  if (rows > ROWS_MAX) throw new TomboloError("input.rows", `one run matches at most ${ROWS_MAX} rows`);
  if (!Number.isInteger(labelBytes) || labelBytes < 0 || labelBytes > LABEL_BYTES_MAX)
    throw new TomboloError("input.labels", `a label has at most ${LABEL_BYTES_MAX} bytes`);
  return { rows, setting: settingOf(options).number, oneSided: options.output === "receiver", labelBytes };
}

/** Sizes are in the disclosure, and so is this refusal. */
export function checkTerms(theirs: Terms, own: Terms, party: string, options: VolePsiOptions): void {
  const same =
    theirs.setting === own.setting && theirs.oneSided === own.oneSided && theirs.labelBytes === own.labelBytes;
  if (!same) throw refused("terms", "the partner runs the protocol with other settings", party);
  if (options.partnerRows !== undefined && theirs.rows !== options.partnerRows)
    throw refused("size", "the partner declared another number of rows before", party);
  if (theirs.rows > (options.partnerRowsMax ?? ROWS_MAX))
    throw new TomboloError("consent.rows", "the partner's number of rows is above the agreed limit", {
      stage: "psi/vole",
      blame: party,
      remedy: "Match other data, or agree on another limit.",
    });
}
