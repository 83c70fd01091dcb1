/** Standard errors at a further host, who owns columns and does not compute: what it gives, and what it makes of what it is sent. */
import { TomboloError } from "@tombolo/base";
import type { Design } from "../design.ts";
import type { OwnerPeer } from "../ends.ts";
import { familyOf } from "../families/index.ts";
import type { Formats } from "../formats.ts";
import type { Computation, OwnerErrors } from "../messages.ts";
import type { RegressionParameters } from "../parameters.ts";
import type { Sides } from "../products.ts";
import { FRACTION } from "./information.ts";
import { combinations, diagonalIn, errorsFrom, noErrors, type StandardErrors } from "./standard-errors.ts";

export interface OwnErrorsInput {
  readonly design: Design;
  readonly parameters: RegressionParameters;
  readonly computation: Pick<Computation, "columns" | "labelExponent">;
  /** In words that are shared, as the next one. */
  column(place: number): BigUint64Array;
  combinations(): BigUint64Array;
}

interface Trained extends Pick<Computation, "columns" | "labelExponent"> {
  readonly parameters: RegressionParameters;
  readonly formats: Formats;
}

export function ownErrorsInput(
  design: Design,
  { parameters, formats, columns, labelExponent }: Trained,
): OwnErrorsInput {
  return {
    ...{ design, parameters },
    computation: { columns, labelExponent },
    combinations: () => wordsIn(combinations(design).rows, FRACTION),
    column(place) {
      const entries = design.columns[place];
      if (entries === undefined) throw new TomboloError("protocol.range", "a column that is not there");
      return wordsIn(entries, formats.row - formats.entry);
    },
  };
}

const wordsIn = (values: Iterable<number>, fraction: number): BigUint64Array =>
  BigUint64Array.from(values, (value) => BigInt.asUintN(64, BigInt(Math.round(value * 2 ** fraction))));

/** From shares of both that compute. */
export async function ownErrors(
  { scaled, fraction }: OwnerErrors,
  peers: Sides<OwnerPeer>,
  { design, parameters, computation: { columns, labelExponent } }: OwnErrorsInput,
): Promise<StandardErrors> {
  const { curvature } = familyOf(parameters);
  if (curvature === null) throw noErrors();
  const count = design.columns.length;
  const expected = count + (fraction === null ? 0 : 1);
  const shares = await Promise.all([peers.guest, peers.host].map((peer) => sharesFrom(peer, expected)));
  const words = shares[0]!.map((share, i) => share + shares[1]![i]!);
  const scale = 2 ** labelExponent;
  const diagonal = diagonalIn(words.subarray(0, count), curvature.counted ? scale : 1);
  const square = fraction === null ? null : Number(BigInt.asIntN(64, words[count]!)) / 2 ** fraction;
  const sizes = {
    columns: columns.reduce((sum, each) => sum + each),
    parties: 2 ** Math.ceil(Math.log2(columns.length)),
  };
  const { lengths } = combinations(design);
  return errorsFrom({ ...{ design, curvature, unit: 1, scale, scaled, lengths }, ...sizes }, diagonal, square);
}

async function sharesFrom(peer: OwnerPeer, count: number): Promise<BigUint64Array> {
  const bytes = await peer.receive("ownerErrors");
  if (bytes.length !== 8 * count)
    throw new TomboloError("protocol.size", "as many shares as there are own errors", { blame: peer.party });
  return new BigUint64Array(bytes.slice().buffer);
}
