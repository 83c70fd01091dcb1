/** What training with an arbiter shows, in the words of an approver. The protocol's own account: packages/federated, vertical/regression/arbiter. */
import type { Disclosure, Participant } from "../component.ts";
import { earlyEnds, learns, sidesOf } from "../disclosing.ts";
import type { Parameters } from "./parameters.ts";

export const arbiterOf = (participants: readonly Participant[]): Participant | undefined =>
  participants.find(({ role }) => role === "arbiter");

export function disclosures(participants: readonly Participant[], parameters: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  const arbiter = arbiterOf(participants);
  if (sides === undefined || arbiter === undefined || sides.hosts.length === 0) return [];
  const { guest, hosts } = sides;
  const owners = [guest, ...hosts];
  const pairs = owners.flatMap((me) => owners.filter((other) => other !== me).map((other) => [me, other] as const));
  return [
    ...pairs.flatMap(([me, other]) => [
      sizes(me, other),
      ownSums(me, other, parameters),
      ownFit(me, other),
      ...(me === guest || other === guest ? [settled(me, other), encryptedRows(me, other, parameters)] : []),
    ]),
    ...(parameters.family === "linear" ? hosts.map((host) => spread(host, guest)) : []),
    ...owners.flatMap((owner) => [sizes(arbiter, owner), maskedSums(arbiter, owner)]),
    ...hosts.map((host) => pooled(guest, arbiter, host, PARTS)),
    ...hosts.map((host) => pooled(host, arbiter, guest, RESIDUALS)),
    ...hosts.flatMap((host) =>
      hosts.filter((other) => other !== host).map((other) => pooled(host, arbiter, other, SUM)),
    ),
    ...owners.map((owner) => pooled(arbiter, owner === guest ? hosts[0]! : guest, owner, ANY)),
    ...pairs.map(([me, other]) => departing(me, other)),
    ...earlyEnds([...owners, arbiter], FAILURES),
  ];
}

const sizes = (recipient: Participant, about: Participant): Disclosure =>
  learns(recipient, about, "column-count", {
    en: `how many columns of ${about.party} take part, a text column counted once for each category but one, and over how many rows; no name, value or coefficient of them`,
    zh: `${about.party} 参与的列数（文本列按类别数减一计）与行数，不含其列名、取值与系数`,
  });

function ownSums(
  recipient: Participant,
  about: Participant,
  { epochs, batchRows, rowsPerTerm }: Parameters,
): Disclosure {
  return learns(recipient, about, "batch-sums", {
    en: `in each of up to ${epochs} epochs, for every batch of up to ${batchRows} rows (the same rows each time), the exact sum of each of its own columns times what the model is still off by, which depends on the columns of ${about.party} and on the label. Over all epochs that is at most what the sums of products of its own columns with each column and with the label would tell, batch by batch; at least ${rowsPerTerm} rows of a batch stand behind each term of all parties, and all see to that`,
    zh: `最多 ${epochs} 轮、每批至多 ${batchRows} 行（每轮相同）中，己方每列与当前残差乘积的精确和；残差取决于 ${about.party} 的列与标签。全部轮次合计至多等同于逐批得到己方各列与对方每列及标签的乘积和；每批对各方每项均不少于 ${rowsPerTerm} 行，由各方核验`,
  });
}

const ownFit = (recipient: Participant, about: Participant): Disclosure =>
  learns(recipient, about, "own-coefficients", {
    en: `its own coefficients, on the way and at the end, fitted beside ${about.party}'s columns: like any fitted coefficient they tell how the label goes with its own columns once ${about.party}'s are allowed for. Columns made for the purpose could tell more`,
    zh: `训练过程中与结束时的己方系数，与 ${about.party} 的列联合拟合得到：与任何拟合系数一样，反映在计入 ${about.party} 各列后己方各列与标签的关系；刻意构造的列可能透露更多`,
  });

const settled = (recipient: Participant, about: Participant): Disclosure =>
  learns(recipient, about, "settled", {
    en: "after each epoch one bit: whether training goes on, which tells whether all mean gradients are below the tolerance",
    zh: "每轮一个比特：训练是否继续，即各方平均梯度是否均低于收敛精度",
  });

/** Kept as long as somebody likes: a consent outlives the training. */
const encryptedRows = (recipient: Participant, about: Participant, { keyBits }: Parameters): Disclosure =>
  learns(recipient, about, "encrypted-rows", {
    en: `in every epoch ${about.role === "guest" ? "what the model is off by in each row" : `${about.party}'s part of each row's score`}, encrypted: unreadable for whoever cannot break keys of ${keyBits} bits (a security level of about ${LEVELS[keyBits]} bits, today and for as long as it is kept)`,
    zh: `每轮中${about.role === "guest" ? "每行的残差" : ` ${about.party} 对每行得分的贡献`}的密文：只要无法破解 ${keyBits} 位密钥（安全强度约 ${LEVELS[keyBits]} 位，密文被保留期间均依赖于此）即无法读取`,
  });

/** Of keys of so many bits: docs/decisions/0013. */
const LEVELS = { 2048: 112, 3072: 128 } as const;

const spread = (host: Participant, guest: Participant): Disclosure =>
  learns(host, guest, "label-spread", {
    en: "between which powers of two the standard deviation of the label lies",
    zh: "标签标准差位于哪两个 2 的幂之间",
  });

/** What the arbiter has the key for. */
const maskedSums = (arbiter: Participant, about: Participant): Disclosure =>
  learns(arbiter, about, "masked-sums", {
    en: `of each batch one number for each column of ${about.party}, under masks that only ${about.party} knows: they tell nothing of the sums; and how many batches and epochs there are. No row, no encrypted row, no coefficient`,
    zh: `每批中 ${about.party} 每列一个数，带有只有 ${about.party} 知道的掩码，不透露任何和；以及批数与轮数。不含任何行、加密的行与系数`,
  });

type What = (about: Participant) => { readonly en: string; readonly zh: string };

const pooled = (recipient: Participant, partner: Participant, about: Participant, what: What): Disclosure =>
  learns(recipient, about, "coalition", {
    en: `only if it pools what it sees with ${partner.party}: ${what(about).en}`,
    zh: `仅当与 ${partner.party} 合谋时：${what(about).zh}`,
  });

const PARTS: What = ({ party }) => ({
  en: `${party}'s part of every row's score in every epoch, from which its columns follow`,
  zh: `${party} 在每轮中对每行得分的贡献，由此可推出其各列`,
});
const RESIDUALS: What = ({ party }) => ({
  en: `what the model is off by in every row, hence every label, and ${party}'s part of every row's score`,
  zh: `每行的残差，由此可推出每个标签及 ${party} 对每行得分的贡献`,
});
const SUM: What = ({ party }) => ({
  en: `of every row the sum of all other parties' parts of its score, ${party}'s among them`,
  zh: `每行中其余各方对得分贡献之和，其中包括 ${party} 的贡献`,
});
const ANY: What = ({ party, role }) => ({
  en: `${party}'s part of every row's score${role === "guest" ? ", and every label" : ""}`,
  zh: `${party} 对每行得分的贡献${role === "guest" ? "以及每个标签" : ""}`,
});

/** Said because nothing in the protocol prevents it. */
const departing = (recipient: Participant, about: Participant): Disclosure =>
  learns(recipient, about, "security-model", {
    en: `only if its program departs from what is agreed: the arbiter decrypts what it is sent and cannot see what was summed, so that single rows' residuals, hence labels and parts of scores of ${about.party}, could be had in place of sums, as many as there are sums. Training on secret shares (regression-train) has no such key`,
    zh: `仅当其程序违反约定时：协调方只解密、无法得知求和内容，因此可用单行残差（进而得到 ${about.party} 的标签或得分贡献）代替和，数量不超过和的个数。秘密分享训练（regression-train）不存在这样的密钥`,
  });

const FAILURES = {
  en: "that labels or columns are unusable (not which rows), that there are too few rows or columns, or that coefficients run off",
  zh: "标签或列不可用（不说明是哪些行），行数或列数过少，或系数发散",
};
