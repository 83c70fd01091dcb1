/** How the scores of accepted and rejected lie, and what was made of the rejected. The guest's own, so nothing is withheld. */
import type { Applicants, Bands, Inferred } from "@tombolo/federated/scorecard";
import type { Parameters } from "./parameters.ts";

const SLICES = 20;

/** Methods by which the rejected have no label of their own. */
const isLabelled = ({ method }: Parameters): boolean => method !== "accepted" && method !== "reweighting";

export function summaryOf(labels: Float64Array, inferred: Inferred, given: Parameters) {
  const { method, meaning, factor, cutoff } = given;
  const known = labels.filter((label) => !Number.isNaN(label));
  return {
    method,
    meaning,
    factor: method === "parcelling" || method === "fuzzy" ? factor : null,
    cutoff: method === "cutoff" ? cutoff : null,
    accepted: { rows: known.length, yes: known.reduce((sum, label) => sum + label, 0) },
    /** `yes`: null where none of them counts. */
    rejected: {
      rows: labels.length - known.length,
      yes: isLabelled(given) ? badOf(labels, inferred, () => true) : null,
    },
  };
}

export function shown(applicants: Applicants, { bands, places }: Bands, inferred: Inferred, given: Parameters) {
  const { labels } = applicants;
  const found = bands.map(({ from, to, accepted, bad, rejected }, j) => ({
    ...{ from, to, accepted, yes: bad, rejected },
    inferred: isLabelled(given) ? badOf(labels, inferred, (row) => places[row] === j) : null,
    weight: given.method === "reweighting" ? (accepted + rejected) / accepted : null,
  }));
  return { bands: inOrder(found, given.meaning), distribution: inOrder(slicesOf(applicants), given.meaning) };
}

/** How many of the rejected rows chosen are bad, in parts. */
function badOf(labels: Float64Array, { bad }: Inferred, chosen: (row: number) => boolean): number {
  return labels.reduce((sum, label, row) => sum + (Number.isNaN(label) && chosen(row) ? bad[row]! : 0), 0);
}

/** Slices of equal width from the lowest score to the highest; the last holds both its ends. */
function slicesOf({ scores, labels }: Applicants) {
  const low = scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY);
  const high = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  const width = (high - low) / SLICES;
  const slices = Array.from({ length: width > 0 ? SLICES : 1 }, (_, i) => ({
    from: low + i * width,
    to: width > 0 && i === SLICES - 1 ? high : low + (i + 1) * width,
    accepted: 0,
    rejected: 0,
  }));
  for (const [row, score] of scores.entries()) {
    const slice = slices[Math.min(slices.length - 1, width > 0 ? Math.floor((score - low) / width) : 0)]!;
    if (Number.isNaN(labels[row]!)) slice.rejected++;
    else slice.accepted++;
  }
  return slices;
}

/** From low to high as the scores were given. */
function inOrder<B extends { readonly from: number | null; readonly to: number | null }>(
  found: readonly B[],
  meaning: Parameters["meaning"],
): B[] {
  if (meaning === "yes") return [...found];
  const turned = (end: number | null): number | null => (end === null ? null : 0 - end);
  return found.map((band) => ({ ...band, from: turned(band.to), to: turned(band.from) })).reverse();
}
