/** Why a query takes the form it takes, in words. */
import type { Text } from "../component.ts";

export const REASONS = ["asked", "catalogue", "small", "copies", "stays", "few", "many", "unknown"] as const;
export type Reason = (typeof REASONS)[number];

const TEXTS: Readonly<Record<Reason, Text>> = {
  asked: { en: "The form was chosen by hand.", zh: "形式由人工指定。" },
  catalogue: {
    en: "A catalogue of the table is here already: each question costs 64 bytes and a few microseconds.",
    zh: "本方已存有该表的目录：每次提问仅需 64 字节与数微秒。",
  },
  small: {
    en: "The table is small and its keys are no secret: oblivious transfer sends it sealed, and opens one row a question.",
    zh: "表较小且键值不需保密：不经意传输每次发送整张加密表，只能解开一行。",
  },
  copies: {
    en: "A second party keeps a sealed copy: two servers hide the key from both unconditionally, and nothing is kept here.",
    zh: "有第二方保存加密副本：双服务器形式对双方无条件隐藏键值，本方无需保存任何数据。",
  },
  stays: {
    en: "The table may not leave its owner, even sealed: hidden retrieval lets its owner work through it for each question.",
    zh: "数据表即使加密也不得离开所有方：隐私检索由所有方为每次提问遍历整表。",
  },
  few: {
    en: "Few keys for a table of this size and this link: a pass over the table for each is sooner done than sending a catalogue.",
    zh: "相对于表的规模与链路速度，键数较少：逐键遍历整表比传送目录更快。",
  },
  unknown: {
    en: "The partner does not show its row count: a sealed catalogue does well with any size.",
    zh: "对方不公开行数：加密目录适用于任意规模。",
  },
  many: {
    en: "Many keys for a table of this size and this link: a sealed catalogue is sent once, and each key costs next to nothing then.",
    zh: "相对于表的规模与链路速度，键数较多：目录加密传送一次，之后每个键几乎没有开销。",
  },
};

export const reasonText = (reason: Reason): Text => TEXTS[reason];
