import { LABEL_BYTES_MAX } from "@tombolo/protocols/psi/labelled";
import { z } from "zod";
import type { TaskContext } from "../component.ts";
import { columnName, eachOnce, field } from "../fields.ts";
import { duplicatesRule, emptyRule, parameters as matchParameters } from "../psi/parameters.ts";

const { normalise, partnerRowsMin, partnerRowsMax } = matchParameters.shape;
const HANDED_MAX = 64;
const NUMBER_BYTES = 8;
/** Before a text, for its length. */
export const LENGTH_BYTES = 2;

export const handed = z.strictObject({
  column: columnName,
  kind: field(
    z.enum(["number", "text"]).default("number"),
    { en: "Kind", zh: "类型" },
    { en: "As the owner's table has it.", zh: "须与所有方的表一致。" },
  ),
  bytes: field(
    z.number().int().min(1).max(1024).default(32),
    { en: "Most bytes of a text", zh: "文本最多字节数" },
    {
      en: "All values take this much, so that none is known by its length; a longer one is refused.",
      zh: "每个取值都占用此长度，以免由长度推断内容；更长的值会被拒绝。",
    },
  ),
});
export type Handed = z.output<typeof handed>;

export const widthOf = ({ kind, bytes }: Handed): number => (kind === "number" ? NUMBER_BYTES : LENGTH_BYTES + bytes);
export const labelWidth = (columns: readonly Handed[]): number =>
  columns.reduce((width, each) => width + widthOf(each), 0);

/** Distinct, and within what a label holds. */
export const handedColumns = eachOnce(z.array(handed).max(HANDED_MAX), "a column", ({ column }) => column).refine(
  (all) => labelWidth(all) <= LABEL_BYTES_MAX,
  `the columns take more than ${LABEL_BYTES_MAX} bytes a row`,
);

export const parameters = z.strictObject({
  columns: field(
    handedColumns.min(1),
    { en: "Columns handed over", zh: "交付的列" },
    {
      en: "Of the host's table: the guest gets their values for the rows both have. The host's grant has to list them.",
      zh: "数据方表中的列：发起方得到共有行上的取值。数据方的授权须逐一列出这些列。",
    },
  ),
  normalise,
  duplicates: duplicatesRule,
  empty: emptyRule,
  partnerRowsMin,
  partnerRowsMax,
});
export type Parameters = z.output<typeof parameters>;
export type Context = TaskContext<Parameters, Record<string, never>>;

/** Of columns as a form names them. */
export const recordBytesOf = (columns: readonly { kind: "number" | "text"; bytes: number }[]): number =>
  columns.reduce((width, { kind, bytes }) => width + widthOf({ column: "", kind, bytes }), 0);
