/**
 * Weights of rows where the guest is given all coefficients: no few rows may carry the fit, or coefficients would tell their bins.
 *
 * What counts is Kish's effective number of rows (Survey Sampling, 1965, 11.7), (Σ w)² / Σ w²: of m rows with one weight and none beside them
 * it is m. It has to be what training asks of the number of rows. Σ w is n, since weights are 1 in the mean; so it is Σ w² that
 * n²/least bounds.
 *
 * On the shares that residuals are multiplied by (rows.ts), so that the weights that are looked at are those that are used. Learns: both -
 * whether it is so. A single weight is n/√least at most then, whatever its sign, as long as squares fit in words: a guest that departs from
 * its program can share a weight whose square is 0 modulo 2^64.
 *
 * Offsets are refused: one of ±64 of the sign of its row's label leaves that row no residual, and so does what a weight of 0 does, unseen.
 */
import { TomboloError } from "@tombolo/base";
import type { Engine, Fixed } from "@tombolo/protocols/secret-sharing/engine";
import { ROW_WEIGHT_MAX } from "../residuals.ts";
import type { PartRows } from "../rows.ts";

/** Of the mean: what rounding of shares leaves to it. */
const MEAN_TOLERANCE = 2 ** -10;

/** Throws `input.weight`, `input.offset` at both sides. */
export async function requireSpread(
  me: Engine,
  values: PartRows,
  { rows, least }: { readonly rows: number; readonly least: number },
): Promise<void> {
  if ([...values.values()].some((part) => part.values.offsets !== null))
    throw new TomboloError("input.offset", "training on shared bins takes no offsets of rows", {
      remedy: "Leave the offset out, or bin in the mode host-learns-woe: the fit could be one of chosen rows alone.",
    });
  const weights = [...values.values()].flatMap((part) => part.values.weights ?? []);
  if (weights.length === 0) return;
  const total = (parts: readonly Fixed[]): Fixed =>
    parts.map((part) => me.sum(part)).reduce((sum, part) => me.add(sum, part));
  const sums = total(weights);
  const squares = total(await Promise.all(weights.map((part) => me.square(part))));
  const most = Math.min(rows ** 2 / least, ROW_WEIGHT_MAX ** 2 * rows);
  const light = await me.less(sums, (1 - MEAN_TOLERANCE) * rows);
  const uneven = me.not(await me.less(squares, most * (1 + MEAN_TOLERANCE)));
  const [refused] = (await me.openFlags(await me.or(light, uneven)))!;
  if (refused === 1)
    throw new TomboloError("input.weight", `rows' weights lie on so few rows as if there were fewer than ${least}`, {
      remedy: "Cap the weights, or train on more rows: the fit would tell about the rows that carry it.",
    });
}
