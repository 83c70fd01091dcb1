/**
 * Reject inference: whom a lender accepted has a label, whom it rejected has none, and a card of the accepted alone is one of a chosen part
 * of those who apply. Ways to let the rejected count (Siddiqi, "Credit Risk Scorecards", 2006, ch. 6; Crook and Banasik, "Does reject
 * inference really improve the performance of application scoring models?", J. Banking & Finance 28, 2004;
 * Ehrhardt et al., "Reject inference methods in credit scoring", J. Applied Statistics 48, 2021):
 *
 *  acceptedOnly  the rejected do not count: for the model whose scores the others take             weight 0
 *  hardCutoff    rejected i is bad where its score is at the cutoff or beyond           y_i = [s_i >= c], weight 1
 *  parcelling    of the m_j rejected in band j as many are bad as the accepted's rate says, f times as often; drawn   #bad_j = round(m_j·min(1, f·b_j / a_j))
 *  fuzzy         rejected i is bad and good in part, by its probability                 weights min(1, f·p_i) and the rest
 *  reweighting   accepted stand for the rejected of their band too                      weight (a_j + r_j) / a_j; the rejected 0
 *
 * a_j, b_j, r_j: accepted, bad among them, and rejected of band j. None of them knows more than the scores: fuzzy with f = 1 gives the coefficients of
 * the accepted's model again (Ehrhardt et al.), reweighting assumes that the score says all that acceptance went by, and f is a judgement.
 */
import { TomboloError } from "@tombolo/base";
import { bins } from "../evaluation/bins.ts";

export interface Applicants {
  /** Finite; the higher, the likelier bad. */
  readonly scores: Float64Array;
  /** 1: bad, 0: good, NaN: rejected. */
  readonly labels: Float64Array;
}

/** For each row how far it is bad, in [0, 1] (of the accepted their label), and what it weighs, at least 0. */
export interface Inferred {
  readonly bad: Float64Array;
  readonly weights: Float64Array;
}

export interface Band {
  /** Scores above `from` (null: any) up to `to` (null: any). */
  readonly from: number | null;
  readonly to: number | null;
  /** Numbers of rows. In each band there are accepted ones. */
  readonly accepted: number;
  readonly bad: number;
  readonly rejected: number;
}

/** A score's band: quantiles of the accepted's scores. The first and last are open, and take in the rejected beyond. */
export interface Bands {
  readonly bands: readonly Band[];
  /** Of each row. */
  readonly places: Uint32Array;
}

/** Throws `input.missing-values`. */
export function checkScores(scores: Float64Array): void {
  if (!scores.every(Number.isFinite))
    throw new TomboloError("input.missing-values", "a row has no score", { remedy: "Score all rows of the table." });
}

/** Throws `input.rows` where none is accepted or none rejected, `input.label` where the accepted are all alike. */
export function checkLabels(labels: Float64Array): void {
  const known = labels.filter((label) => !Number.isNaN(label));
  if (known.length === 0 || known.length === labels.length)
    throw new TomboloError(
      "input.rows",
      known.length === 0 ? "no row has a label: none was accepted" : "every row has a label: none was rejected",
      { remedy: "Read accepted rows with their label and rejected ones without (read-table, missingLabel: keep)." },
    );
  if (known.every((label) => label === known[0]))
    throw new TomboloError("input.label", "the accepted rows all have the same label", {
      remedy: "Take accepted rows of both kinds.",
    });
}

export function bandsOf({ scores, labels }: Applicants, count: number): Bands {
  const known = scores.filter((_, row) => !Number.isNaN(labels[row]!));
  const edges = bins(known, count, 1)
    .map((rows) => known[rows.at(-1)!]!)
    .slice(0, -1);
  const counts = Array.from({ length: edges.length + 1 }, () => ({ accepted: 0, bad: 0, rejected: 0 }));
  const places = Uint32Array.from(scores, (score, row) => {
    const found = edges.findIndex((edge) => score <= edge);
    const place = found < 0 ? edges.length : found;
    const label = labels[row]!;
    if (Number.isNaN(label)) counts[place]!.rejected++;
    else {
      counts[place]!.accepted++;
      counts[place]!.bad += label;
    }
    return place;
  });
  const bands = counts.map((each, j) => ({ from: edges[j - 1] ?? null, to: edges[j] ?? null, ...each }));
  return { bands, places };
}

export function acceptedOnly({ labels }: Pick<Applicants, "labels">): Inferred {
  const bad = labels.map((label) => (Number.isNaN(label) ? 0 : label));
  return { bad, weights: labels.map((label) => Number(!Number.isNaN(label))) };
}

export function hardCutoff({ scores, labels }: Applicants, cutoff: number): Inferred {
  const bad = labels.map((label, row) => (Number.isNaN(label) ? Number(scores[row]! >= cutoff) : label));
  return { bad, weights: new Float64Array(bad.length).fill(1) };
}

/** `ranks`: random, by row; the rejected of the lowest are bad. */
export function parcelling(
  { labels }: Applicants,
  { bands, places }: Bands,
  { factor, ranks }: { readonly factor: number; readonly ranks: BigUint64Array },
): Inferred {
  const { bad } = acceptedOnly({ labels });
  const rejected = Array.from(labels.keys()).filter((row) => Number.isNaN(labels[row]!));
  rejected.sort((a, b) => (ranks[a]! < ranks[b]! ? -1 : ranks[a]! > ranks[b]! ? 1 : a - b));
  for (const [j, band] of bands.entries()) {
    const count = Math.round(band.rejected * Math.min(1, (factor * band.bad) / band.accepted)); // m_j·min(1, f·b_j / a_j)
    for (const row of rejected.filter((each) => places[each] === j).slice(0, count)) bad[row] = 1;
  }
  return { bad, weights: new Float64Array(bad.length).fill(1) };
}

/** Throws `input.columns` where scores are no probabilities. */
export function fuzzy({ scores, labels }: Applicants, factor: number): Inferred {
  if (scores.some((score) => score < 0 || score > 1))
    throw new TomboloError("input.columns", "fuzzy augmentation takes scores that are probabilities", {
      remedy: "Score with the model itself and not its card, or choose parcelling.",
    });
  const bad = labels.map((label, row) => (Number.isNaN(label) ? Math.min(1, factor * scores[row]!) : label));
  return { bad, weights: new Float64Array(bad.length).fill(1) };
}

export function reweighting({ labels }: Applicants, { bands, places }: Bands): Inferred {
  const weights = labels.map((label, row) => {
    const { accepted, rejected } = bands[places[row]!]!;
    return Number.isNaN(label) ? 0 : (accepted + rejected) / accepted; // (a_j + r_j) / a_j
  });
  return { ...acceptedOnly({ labels }), weights };
}
