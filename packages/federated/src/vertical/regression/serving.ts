/**
 * A regression as serving has it (vertical/serving): of each row a host says its total, rounded as prediction rounds it, in
 * eight bytes. Learns: guest - that total for each id it asks about. What else, and the adversary: vertical/serving, guest.ts.
 */
import { toHex, utf8 } from "@tombolo/base";
import type { AnswerForm, HostForm } from "../serving/form.ts";
import type { HostAnswer } from "../serving/guest.ts";
import { servingTable } from "../serving/messages.ts";
import { contributions, type FlatPart, flatPart, sumOf } from "./flat.ts";
import { maskMessages, servedLookupMessages } from "./messages.ts";
import type { GuestModel, HostModel } from "./model.ts";
import { roundedTotal } from "./predict.ts";

const LABEL = "tombolo/regression/serving/1/model/";
export const TOTAL_BYTES = 8;

export const servingMessages = {
  ...servingTable({
    en: "For each id: unknown, too old, not to be looked up now, or the rounded sum of this host's contributions to the linear predictor; of several hosts in masks that cancel in the sum over all; of shared bins encrypted under the guest's key",
    zh: "对每个标识：未知、过旧、暂时无法查询，或该数据方各列贡献之和（已舍入），用于线性预测值；有多个数据方时加掩码，掩码在各方之和中抵消；共享分箱的模型以发起方的密钥加密",
  }),
  ...maskMessages,
  ...servedLookupMessages,
};

/** Parts with the same one are of the same training. */
export async function servingDigest({ modelId }: Pick<GuestModel, "modelId">): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest("SHA-256", Uint8Array.from(utf8(`${LABEL}${modelId}`)));
  return toHex(new Uint8Array(digest));
}

export function hostForm(model: HostModel): HostForm {
  const flat = flatPart(model);
  return {
    columns: flat.columns,
    watched: flat.watched,
    bytes: TOTAL_BYTES,
    write(values, at, out, outAt) {
      const total = roundedTotal(model, sumOf(contributions(flat, values, at)));
      viewOf(out).setFloat64(outAt, total, true);
    },
  };
}

export const answerForm: AnswerForm = {
  bytes: TOTAL_BYTES,
  sound: (part) => Number.isFinite(viewOf(part).getFloat64(0, true)),
};

export const totalIn = ({ bits, width }: HostAnswer, row: number): number => viewOf(bits).getFloat64(row * width, true);

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The guest's part; an offset is its last column. */
export function servedGuest(model: GuestModel): FlatPart & { readonly offsetAt: number | null } {
  const flat = flatPart(model);
  if (model.offset === null) return { ...flat, offsetAt: null };
  const place = flat.columns.findIndex(({ name }) => name === model.offset);
  if (place >= 0) return { ...flat, offsetAt: place };
  const offset = { name: model.offset, kind: "number", codes: new Map<string, number>(), required: true } as const;
  return { ...flat, columns: [...flat.columns, offset], offsetAt: flat.columns.length };
}
