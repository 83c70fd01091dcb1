import { concat, TomboloError, utf8 } from "@tombolo/base";

export const STAGE = "query/oblivious-transfer";

/** What keys are digested with: nothing that was computed elsewhere fits. */
export const idPrefix = (binding: Uint8Array): Uint8Array =>
  concat(utf8("tombolo/query-oblivious-transfer/1/id\0"), binding);

export const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: STAGE, blame: party });
