/** The definition of every kernel. */
import type { Kernels } from "../kernels.ts";
import * as blocks from "./blocks.ts";
import * as correlated from "./correlated.ts";
import { digitChoices, digitEntries, digitTables } from "./digits.ts";
import * as elgamal from "./elgamal.ts";
import { ggmExpand, ggmPuncture, ggmSums } from "./ggm.ts";
import { prgExpand, sha256Batch, sha256Prefixed, sha256Truncated } from "./hashing.ts";
import { histogramShares, histogramSharesPunctured } from "./histogram.ts";
import { groupRecords, normaliseIds, sortRecords } from "./ids.ts";
import * as matching from "./matching.ts";
import { modulus, primeSquareLog } from "./modular.ts";
import { okvsPlace } from "./okvs.ts";
import { pieceChoices, pieceEntries, pieceTables } from "./pieces.ts";
import { pirAnswer, pirHint, pirMask } from "./pir.ts";
import * as ristretto from "./ristretto.ts";
import { ring } from "./rlwe.ts";
import { silentExpand, silentExpandPunctured } from "./silent.ts";
import { sixteenReceived, sixteenSent } from "./sixteen.ts";
import { slots } from "./slots.ts";
import * as sm2 from "./sm2.ts";
import { sm3Truncated } from "./sm3.ts";
import { keysReceived, keysSent, transfersReceived, transfersSent } from "./transfers.ts";
import { voleExpand, voleExpandPunctured, voleNoiseCheck } from "./vole-code.ts";

export const referenceKernels: Kernels = {
  ...ristretto,
  ...elgamal,
  ...sm2,
  sm3Truncated,
  ...correlated,
  sixteenReceived,
  sixteenSent,
  transfersReceived,
  transfersSent,
  keysReceived,
  keysSent,
  digitChoices,
  digitTables,
  digitEntries,
  pieceChoices,
  pieceTables,
  pieceEntries,
  ggmExpand,
  ggmSums,
  ggmPuncture,
  voleExpand,
  voleExpandPunctured,
  voleNoiseCheck,
  histogramShares,
  histogramSharesPunctured,
  silentExpand,
  silentExpandPunctured,
  sha256Batch,
  sha256Prefixed,
  sha256Truncated,
  prgExpand,
  ...matching,
  normaliseIds,
  groupRecords,
  sortRecords,
  gf128Multiply: blocks.gf128Multiply,
  gf128MultiplyAdd: blocks.gf128MultiplyAdd,
  gf128InnerProduct: blocks.gf128InnerProduct,
  blockTags: blocks.blockTags,
  blockStream: blocks.blockStream,
  idDigests: blocks.idDigests,
  pairTags: blocks.pairTags,
  okvsPlace,
  pirAnswer,
  pirHint,
  pirMask,
  ring,
  slots,
  modulus,
  primeSquareLog,
};
