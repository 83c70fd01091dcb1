/** What goes between the parties of a selection: which columns fall by the guest's figures, and correlations across. */
import { TomboloError } from "@tombolo/base";
import { json, message } from "@tombolo/channel";
import { COLUMNS_MAX } from "@tombolo/federated/binning";
import { correlationMessages } from "@tombolo/federated/vertical/correlation";

/** Numbers of the host's columns that fall, by how both know them: in the binning, in the trees, or in the order offered. */
export interface FallenColumns {
  readonly informationMin: readonly number[];
  readonly informationMax: readonly number[];
  readonly importance: readonly number[];
}
export interface AlikeColumns {
  readonly correlation: readonly number[];
  readonly inflation: readonly number[];
}

function listsOf<K extends string>(value: unknown, names: readonly K[]): Record<K, readonly number[]> {
  const given = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const lists = names.map((name): [K, readonly number[]] => [name, numbersIn(given[name])]);
  if (Object.keys(given).length !== names.length) throw malformed();
  return Object.fromEntries(lists) as Record<K, readonly number[]>;
}

function numbersIn(value: unknown): readonly number[] {
  const good =
    Array.isArray(value) &&
    value.length <= COLUMNS_MAX &&
    value.every((each) => Number.isInteger(each) && each >= 0 && each < COLUMNS_MAX) &&
    new Set(value).size === value.length;
  if (!good) throw malformed();
  return value as number[];
}

const malformed = (): TomboloError => new TomboloError("protocol.malformed", "not lists of numbers of columns");

const fallen = json<FallenColumns>("fallen-columns", (value) =>
  listsOf(value, ["informationMin", "informationMax", "importance"]),
);
const alike = json<AlikeColumns>("alike-columns", (value) => listsOf(value, ["correlation", "inflation"]));
/** A number, a comma. */
const LIST_BYTES = 5 * COLUMNS_MAX + 64;

/** The guest is the first, the host the second. */
export const selectMessages = {
  fallen: message("first", "second", fallen, {
    means: {
      en: "Which of the receiver's columns fall by information value or importance, by number; no figure",
      zh: "接收方哪些列因信息值或重要性被剔除（以编号表示），不含数值",
    },
    sizeMax: 3 * LIST_BYTES,
  }),
  ...correlationMessages,
  alike: message("first", "second", alike, {
    means: {
      en: "Which of the receiver's columns fall since others say the same, by number; not which others",
      zh: "接收方哪些列因与其他列重复被剔除（以编号表示），不说明是哪些其他列",
    },
    sizeMax: 2 * LIST_BYTES,
  }),
};
