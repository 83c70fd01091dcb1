import { bytes, message, stream } from "@tombolo/channel";
import { DESCRIPTION_BYTES_MAX, description } from "../../pir/simple/index.ts";
import { messages as rows } from "../../pir/two-server/index.ts";
import { publishMessages } from "../../psi/unbalanced/index.ts";
import { renamed } from "../../renamed.ts";
import { messages as keyword } from "../keyword/index.ts";

export const CELLS_CHUNK_BYTES = 2 ** 20;

/** Between owner and keeper the copy; between the guest and the owner questions; with both, as "host", a retrieval for each id. */
export const messages = {
  copyDescription: message("host", "keeper", description, {
    means: { en: "Sizes and seeds of the sealed table", zh: "加密表的规模与种子" },
    sizeMax: DESCRIPTION_BYTES_MAX,
  }),
  copyCells: stream("host", "keeper", bytes(CELLS_CHUNK_BYTES), {
    means: { en: "The sealed table, which says nothing of its rows", zh: "加密表，不透露任何行的内容" },
    sizeMax: CELLS_CHUNK_BYTES,
  }),
  header: publishMessages.header,
  ...renamed("row", rows),
  ...keyword,
};
