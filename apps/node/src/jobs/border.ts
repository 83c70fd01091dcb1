/**
 * What a lane tells a partner: the stage and how far it has come, in coarse steps. No counts: rows done, of how many,
 * and matched would tell sizes that the disclosure keeps, also those of a third party through the initiator. No bytes
 * either: each node counts what it exchanged itself.
 */
import type { z } from "zod";
import type { MeterCount } from "../runner/ipc.ts";
import type { Lane } from "./views.ts";
import type { lane } from "./wire.ts";

export type WireLane = z.infer<typeof lane>;

/** Work comes in batches of a known size, so that fine shares of a small table would count its batches. */
const STEP_PERCENT = 5;

export function laneForPartner({ party, status, stage, done, total, round, etaSeconds }: Lane): WireLane {
  return {
    party,
    status,
    stage,
    percent: done === null || total === null ? null : percentOf(done, total),
    round,
    etaSeconds: etaSeconds === null ? null : Math.ceil(etaSeconds),
  };
}

/** Nothing to do looks like nothing done: that a table or a match is empty is not for the border. */
const percentOf = (done: number, total: number): number =>
  total <= 0 ? 0 : Math.floor((100 / STEP_PERCENT) * Math.min(1, Math.max(0, done / total))) * STEP_PERCENT;

/** `exchanged` is this node's own meter of that attempt: what the partner sent came in here. */
export function laneFromPartner(told: WireLane, exchanged: readonly MeterCount[]): Lane {
  const { party, status, stage, percent, round, etaSeconds } = told;
  const bytes = (direction: "out" | "in"): number =>
    exchanged.reduce(
      (sum, each) => (each.partner === party && each.direction === direction ? sum + each.bytes : sum),
      0,
    );
  return {
    party,
    status,
    stage,
    done: percent,
    total: percent === null ? null : 100,
    rows: null,
    round,
    bytesOut: bytes("in"),
    bytesIn: bytes("out"),
    etaSeconds,
  };
}
