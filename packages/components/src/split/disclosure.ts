/** What dividing rows tells hosts, and what folds tell when something is made of each of them. */
import type { Disclosure, Participant, Text } from "../component.ts";
import { learns, sidesOf } from "../disclosing.ts";
import type { Parameters } from "./parameters.ts";

export function disclosures(participants: readonly Participant[], given: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined) return [];
  const { guest, hosts } = sides;
  const said = given.fold === null ? LEARNT[given.by] : foldLearnt(given.by, given.fold);
  return [
    ...hosts.map((host) => learns(host, guest, "split-assignment", said)),
    ...(given.fold === null
      ? []
      : hosts.flatMap((host) => [
          learns(guest, host, "overlapping-rows", OVERLAPPING),
          learns(host, guest, "overlapping-rows", OVERLAPPING),
        ])),
  ];
}

const LEARNT: Readonly<Record<Parameters["by"], Text>> = {
  draw: {
    en: "which of the matched rows are for training and which for testing; no label",
    zh: "匹配的行中哪些用于训练、哪些用于测试；不含任何标签",
  },
  time: {
    en: "which of the matched rows are for training and which, the later ones by a column of the guest's, for testing; no label and no time",
    zh: "匹配的行中哪些用于训练、哪些用于测试（按发起方时间列较晚的行）；不含标签与具体时间",
  },
  group: {
    en: "which of the matched rows are for training and which for testing, where rows of one group of the guest's are in the same part; no label and no group",
    zh: "匹配的行中哪些用于训练、哪些用于测试（发起方同一组的行在同一部分）；不含标签与分组",
  },
};

function foldLearnt(by: Parameters["by"], { number, of }: NonNullable<Parameters["fold"]>): Text {
  const how = {
    draw: { en: "", zh: "" },
    time: {
      en: "; folds follow one another by a column of the guest's, so that it tells which rows are later",
      zh: "；各折按发起方的时间列先后排列，由此可知哪些行较晚",
    },
    group: {
      en: "; rows of one group of the guest's are in one fold",
      zh: "；发起方同一组的行在同一折",
    },
  }[by];
  return {
    en: `which of the matched rows are in fold ${number} of ${of} and which are trained on beside it${how.en}; with the steps of the other folds, in which fold each row is. No label`,
    zh: `匹配的行中哪些在第 ${number} 折（共 ${of} 折），哪些用于相应的训练${how.zh}；合并其他各折的步骤可知每行所在的折。不含任何标签`,
  };
}

/** Each training sees to its minima by itself. */
const OVERLAPPING: Text = {
  en: "trainings on the other folds share most of their rows: what each of them shows it shows anew, and a sum or a fit of one less that of another is of fewer rows than either shows alone, which can be few",
  zh: "各折的训练所用的行大部分相同：每次训练都会重新给出其所披露的内容，两次训练的汇总值或拟合结果相减，所涉及的行少于各自单独披露的行数，可能很少",
};
