import { nameOnScreen, TomboloError } from "@tombolo/base";
import { bytes, f64s, json, message } from "@tombolo/channel";
import { productMessages } from "@tombolo/protocols/matrix-product";
import { renamed } from "@tombolo/protocols/renamed";
import { messages as sharingMessages } from "@tombolo/protocols/secret-sharing/two-party";

/** Of one side. */
export const COLUMNS_MAX = 512;
export const ROWS_MAX = 2 ** 26;
const NAME_CHARACTERS_MAX = 120;

/** What a side brings, after rows and columns were left out. */
export interface Offer {
  readonly rows: number;
  readonly columns: readonly string[];
}

const isName = (name: string): boolean =>
  name.length >= 1 && name.length <= NAME_CHARACTERS_MAX && nameOnScreen(name) === name;

const offer = json<Offer>("correlation-offer", (value) => {
  const { rows, columns } = (value ?? {}) as Partial<Offer>;
  const good =
    Number.isSafeInteger(rows) &&
    rows! >= 0 &&
    rows! <= ROWS_MAX &&
    Array.isArray(columns) &&
    columns.length <= COLUMNS_MAX &&
    new Set(columns).size === columns.length &&
    columns.every((name) => typeof name === "string" && isName(name));
  if (!good) throw new TomboloError("protocol.malformed", "not a number of rows and names of columns");
  return { rows: rows!, columns };
});

const MISSING = {
  means: { en: "For each row, whether a column has no value in it", zh: "每一行是否存在缺失值" },
  sizeMax: ROWS_MAX / 8,
};
const OFFER = {
  means: { en: "How many rows are left, and the names of the columns", zh: "剩余行数与列名" },
  sizeMax: 6 * COLUMNS_MAX * NAME_CHARACTERS_MAX,
};
const OWN = {
  means: { en: "Correlations among own columns, rounded", zh: "己方各列之间的相关系数（已舍入）" },
  sizeMax: 8 * COLUMNS_MAX ** 2,
};

export const keyOfFirst = productMessages("first", "second");
export const keyOfSecond = productMessages("second", "first");

/** The guest is the first, the host the second. */
export const correlationMessages = {
  firstMissing: message("first", "second", bytes(ROWS_MAX / 8), MISSING), // 1, where rows are dropped
  secondMissing: message("second", "first", bytes(ROWS_MAX / 8), MISSING), // 1
  firstOffer: message("first", "second", offer, OFFER), // 2
  secondOffer: message("second", "first", offer, OFFER), // 2
  ...renamed("first", keyOfFirst), // 3, where the first has fewer columns
  ...renamed("second", keyOfSecond), // 3, else
  ...sharingMessages, // 4
  firstOwn: message("first", "second", f64s({ missing: false }), OWN), // 5, where the second receives
  secondOwn: message("second", "first", f64s({ missing: false }), OWN), // 5
};
