/** Serving: one opening, then batches of asks and answers until the guest ends its stream. */
import { TomboloError } from "@tombolo/base";
import { bytes, empty, json, message, stream } from "@tombolo/channel";
import * as z from "zod";

/** Of one batch. */
export const BATCH_ROWS_MAX = 1000;
export const ID_BYTES = 16;
export const BATCH_NUMBER_BYTES = 4;
export const ANSWER_BYTES_MAX = 2 ** 24;

const opening = z.strictObject({ digest: z.string().length(64) });

/** `answer`: what a host says of each id, in the words of the live view. */
export const servingTable = (answer: { readonly en: string; readonly zh: string }) => ({
  open: message(
    "guest",
    "host",
    json("open", (value) => {
      const parsed = opening.safeParse(value);
      if (!parsed.success) throw new TomboloError("protocol.malformed", "a malformed open message");
      return parsed.data;
    }),
    {
      means: { en: "The model's digest: scoring begins", zh: "模型摘要：开始在线打分" },
      sizeMax: 4096,
    },
  ),
  opened: message("host", "guest", empty, {
    means: { en: "The host is ready to be asked", zh: "数据方已就绪" },
    sizeMax: 1,
  }),
  ask: stream("guest", "host", bytes(BATCH_NUMBER_BYTES + BATCH_ROWS_MAX * ID_BYTES), {
    means: { en: "Digests of the ids to be scored now", zh: "当前待打分标识的摘要" },
    sizeMax: BATCH_NUMBER_BYTES + BATCH_ROWS_MAX * ID_BYTES,
  }),
  bits: stream("host", "guest", bytes(ANSWER_BYTES_MAX), { means: answer }),
});
export type ServingTable = ReturnType<typeof servingTable>;
