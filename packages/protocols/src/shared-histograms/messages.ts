import { bytes, message } from "@tombolo/channel";
import { otMessages } from "../oblivious-transfer/softspoken/index.ts";
import { PART_ROWS, VECTORS_MAX } from "./sizes.ts";

const DEPTH_MAX = 8;
export const SUMS_BYTES_MAX = PART_ROWS * 2 * DEPTH_MAX * 16;
const CORRECTIONS_BYTES_MAX = PART_ROWS * VECTORS_MAX * 8;

/** Rows to spread into another protocol's table. */
export const histogramMessages = <SeedOwner extends string, CellOwner extends string>(
  seedOwner: SeedOwner,
  cellOwner: CellOwner,
) => ({
  ...otMessages(seedOwner, cellOwner),
  histogramShifts: message(cellOwner, seedOwner, bytes(PART_ROWS), {
    means: { en: "Cells of rows, masked by random places of their trees", zh: "以种子树随机位置加掩的各行所在格" },
    sizeMax: PART_ROWS,
  }), // 2: a byte for each row of a part
  histogramSums: message(seedOwner, cellOwner, bytes(SUMS_BYTES_MAX), {
    means: {
      en: "Masked sums of seed trees, which leave one leaf of each unknown",
      zh: "种子树的加掩和，每棵仅一个叶子不可知",
    },
    sizeMax: SUMS_BYTES_MAX,
  }), // 3: of each row of a part, per level both sides' sums under its transfers
  histogramCorrections: message(seedOwner, cellOwner, bytes(CORRECTIONS_BYTES_MAX), {
    means: { en: "Numbers of rows under one-time masks", zh: "一次性掩码下的各行数值" },
    sizeMax: CORRECTIONS_BYTES_MAX,
  }), // 4: of each row of a part a word of each vector
});
