/**
 * The curve and hash of a match between two parties: ristretto255 with SHA-512 to the group and SHA-256 for fingerprints,
 * or SM2's curve with SM3 for both. Each has its own domain separation tag, so that runs of different suites match nothing.
 */
import { type BlindingGroup, ristretto255, sha256Truncated, sm2, sm3Truncated } from "@tombolo/crypto";
import { LABEL } from "./steps.ts";

export interface Suite {
  readonly group: BlindingGroup;
  /** Before the binding in the tag of H. */
  readonly groupLabel: string;
  /** Of points: hash(prefix ‖ point), truncated. */
  readonly fingerprints: typeof sha256Truncated;
}

export const SUITE_NAMES = ["ristretto255", "sm2"] as const;
export type SuiteName = (typeof SUITE_NAMES)[number];

export const SUITES: Readonly<Record<SuiteName, Suite>> = {
  ristretto255: { group: ristretto255, groupLabel: LABEL.group, fingerprints: sha256Truncated },
  sm2: { group: sm2, groupLabel: LABEL.sm2Group, fingerprints: sm3Truncated },
};
