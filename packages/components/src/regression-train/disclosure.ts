/** What training shows, in the words of an approver. The protocol's own account: packages/federated, vertical/regression. */
import type { Disclosure, Participant } from "../component.ts";
import { earlyEnds, learns, sidesOf } from "../disclosing.ts";
import type { Parameters } from "./parameters.ts";

type Pair = readonly [Participant, Participant];

export function disclosures(participants: readonly Participant[], parameters: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined) return [];
  const { guest, hosts } = sides;
  const first = hosts[0];
  if (first === undefined) return [];
  const all = [guest, ...hosts];
  const computing = new Set([guest, first]);
  const pairs = all.flatMap((me) => all.filter((other) => other !== me).map((other) => [me, other] as const));
  const learnt = [
    ...pairs.flatMap(([me, other]) => [
      parameters.sharedBins && me === guest ? binnedColumns(me, other) : columnCount(me, other, guest),
      ...(computing.has(me) ? [courseOf(me, other, parameters)] : other === guest ? [lengthOf(me, guest)] : []),
    ]),
    ...(parameters.sharedBins
      ? [ownFit(guest, first, parameters), partnerFit(guest, first)]
      : pairs.map(([me, other]) => ownFit(me, other, parameters))),
    ...(parameters.classes === null ? [] : hosts.map((host) => classCount(host, guest, parameters.classes ?? 0))),
    ...(parameters.family === "linear" ? hosts.map((host) => spread(host, guest)) : []),
    ...(parameters.residuals ? hosts.map((host) => residualCounts(guest, host, parameters)) : []),
    ...(parameters.inference ? ownErrors(pairs, guest, parameters) : []),
    ...(LOG_LINK.has(parameters.family)
      ? pairs.filter(([me]) => computing.has(me)).map(([me, other]) => cutOff(me, other))
      : []),
    ...hosts.slice(1).flatMap((owner) => [pooled(guest, first, owner), pooled(first, guest, owner)]),
  ];
  return [...learnt, ...earlyEnds(all, FAILURES)];
}

const columnCount = (recipient: Participant, about: Participant, guest: Participant): Disclosure =>
  learns(
    recipient,
    about,
    "column-count",
    about === guest
      ? {
          en: `how many columns of ${about.party} take part, and whether its rows have weights or offsets; no name, value or coefficient of them`,
          zh: `${about.party} 参与的列数，以及其行是否带有权重或偏移；不含列名、取值与系数`,
        }
      : {
          en: `how many columns of ${about.party} take part, a text column counted once for each category but one; no name, value or coefficient of them`,
          zh: `${about.party} 参与的列数（文本列按类别数减一计），不含其列名、取值与系数`,
        },
  );

/** Of columns in bins whose weights the guest has. */
const binnedColumns = (guest: Participant, host: Participant): Disclosure =>
  learns(guest, host, "column-count", {
    en: `which of ${host.party}'s binned columns take part, by the numbers that the bin task gave them (by name where that showed it), and how many bins each has; no edge and no category`,
    zh: `${host.party} 的哪些分箱列参与训练（以分箱任务给出的编号表示，已公开列名者以列名表示），以及每列的分箱数；不含切点与类别`,
  });

const partnerFit = (guest: Participant, host: Participant): Disclosure =>
  learns(guest, host, "partner-coefficients", {
    en: `the coefficient of each of ${host.party}'s columns that take part, and by that, with the weights that it has, what each of their bins adds to a score; like any fitted coefficients they tell how these columns go with one another and with its own, and fits of nearly the same rows, with labels or weights of rows made for the purpose, or with few rows of one label, tell it of few rows: where one row alone has its label, of that row's bins. ${host.party} is told no coefficient and no weight`,
    zh: `${host.party} 参与各列的系数，结合其持有的 WOE 可得每个分箱对分数的贡献；与任何拟合系数一样，反映这些列之间及其与己方各列的关系，若多次拟合的行几乎相同、标签或行权重系刻意构造，或某一标签的行很少，则可涉及很少的行：仅一行具有某标签时，可得该行所在的分箱。${host.party} 不获得任何系数与 WOE`,
  });

/** Of those who own columns and do not compute. */
const lengthOf = (recipient: Participant, about: Participant): Disclosure =>
  learns(recipient, about, "training-length", {
    en: "how many steps the training takes, how often the rows are passed over, and whether it converged; nothing else of its course",
    zh: "训练的步数、遍历各行的次数以及是否收敛；不含训练过程的其他内容",
  });

/** What computing by two rests on where there are more. */
const pooled = (recipient: Participant, partner: Participant, about: Participant): Disclosure =>
  learns(recipient, about, "coalition", {
    en: `only if it pools what it sees with ${partner.party}: all values and coefficients of the columns of ${about.party} that take part; the two compute for all, and must not pool`,
    zh: `仅当与 ${partner.party} 合谋时：${about.party} 参与各列的全部取值与系数；这两方代为计算，不得合谋`,
  });

/** Beside the fit itself, to each party about every other. */
function ownErrors(pairs: readonly Pair[], guest: Participant, { family }: Parameters): Disclosure[] {
  const errorsOf = (recipient: Participant, about: Participant): Disclosure =>
    learns(recipient, about, "own-errors", {
      en: `the standard error of each of its own coefficients, one number in 24 bits each: like any standard error it tells how far ${about.party}'s columns explain its own; and whether columns of the parties nearly determine one another. No covariance, and no error of ${about.party}`,
      zh: `己方每个系数的标准误（每个不超过 24 位的一个数）：与任何标准误一样，反映 ${about.party} 各列对己方列的解释程度；以及各方的列是否近乎相互决定。不含协方差与 ${about.party} 的标准误`,
    });
  const residualOf = (recipient: Participant, about: Participant): Disclosure =>
    learns(recipient, about, "residual-error", {
      en: "the residual standard error of the label, in its units: how far the columns of all leave it unexplained",
      zh: "标签的残差标准误（以标签单位计），即各方的列未能解释的程度",
    });
  const dispersionOf = (recipient: Participant, about: Participant): Disclosure =>
    learns(recipient, about, "dispersion", {
      en: "the dispersion of the label: how far labels are from their fitted means, over all rows, as a multiple of what the family expects; no units of the label go to the data provider",
      zh: "标签的离散系数：全部行上标签偏离拟合均值的程度（相对于该回归类型的预期）；数据提供方不会得到标签单位",
    });
  const curvatureOf = (recipient: Participant, about: Participant): Disclosure =>
    learns(recipient, about, "information-size", {
      en: "of two sums over all rows and columns, the trace and the norm of the information matrix, below which power of two they are: how much the fitted means differ",
      zh: "信息矩阵的迹与范数（全部行与列的两个总和）低于哪个 2 的幂，反映拟合均值的差异程度",
    });
  const meanOf = (host: Participant): Disclosure =>
    learns(host, guest, "label-mean", {
      en: "between which powers of two the mean of the counts lies, for the exposure that the offsets give",
      zh: "计数标签的均值（按偏移给出的风险暴露计）位于哪两个 2 的幂之间",
    });
  const all = (of: typeof errorsOf): Disclosure[] => pairs.map(([me, other]) => of(me, other));
  return [
    ...all(errorsOf),
    ...(family === "linear" ? all(residualOf) : []),
    ...(family === "gamma" || family === "tweedie" ? all(dispersionOf) : []),
    ...(family === "poisson" || family === "tweedie" ? all(curvatureOf) : []),
    ...(family === "poisson" ? pairs.filter(([, other]) => other === guest).map(([me]) => meanOf(me)) : []),
  ];
}

const FAILURES = {
  en: "that labels or columns are unusable (not which rows), that there are too few rows or columns, of shared bins that weights lie on too few rows, or that the labels can be told from the columns without error",
  zh: "标签或列不可用（不说明是哪些行），行数或列数过少，共享分箱时行权重集中于过少的行，或各列可无误地判定标签",
};

/** Both who compute learn it at once, and it is about the columns and labels of all. */
function courseOf(
  recipient: Participant,
  about: Participant,
  { solver, l1, iterations, epochs, hostTermsMin, earlyStopping }: Parameters,
): Disclosure {
  const few = fewTerms(hostTermsMin);
  const held = earlyStopping === null ? { en: "", zh: "" } : heldOutRows(earlyStopping.fraction);
  const passes = epochs === null ? { en: "up to 100", zh: "至多 100 " } : { en: `${epochs}`, zh: `${epochs} ` };
  const text =
    solver === "sgd"
      ? {
          en: `the course of the training as sums over all rows and columns: for each of ${passes.en} epochs the lengths of the weights and of the mean gradient and their product, and the weights' length after up to every batch${held.en}; nothing for a row, nor for one column where there are several${few.en}`,
          zh: `以全部行与列的总和表示的训练过程：${passes.zh}轮中每轮的权重长度、平均梯度长度及两者乘积，其间至多每批一次的权重长度${held.zh}；不涉及任何单行，列数较多时亦不涉及单列${few.zh}`,
        }
      : l1 > 0
        ? {
            en: `the course of the training as sums over all rows and columns: for each of up to ${iterations} gradients its length, its products with the last move and that move's with the gradient before, and the lengths of the weights and of their last moves with the product of these; nothing for a row, nor for one column where there are several${few.en}`,
            zh: `以全部行与列的总和表示的训练过程：最多 ${iterations} 个梯度，每个梯度的长度、与上一次移动的乘积、该移动与前一梯度的乘积，以及权重及其最近移动的长度与乘积；不涉及任何单行，列数较多时亦不涉及单列${few.zh}`,
          }
        : {
            en: `the course of the training as sums over all rows and columns: for each gradient, of which there are up to a few in each of ${iterations} steps, its inner products with itself, with the weights and with those of the last six steps; nothing for a row, nor for one column where there are several${few.en}`,
            zh: `以全部行与列的总和表示的训练过程：最多 ${iterations} 步，每步少数几次梯度，每个梯度与其自身、与权重以及与最近六步的步长和梯度的内积；不涉及任何单行，列数较多时亦不涉及单列${few.zh}`,
          };
  return learns(recipient, about, "training-course", { en: text.en + EARLIER.en, zh: text.zh + EARLIER.zh });
}

/** Sums over the rows that no step has seen: how the loss goes on them, epoch by epoch, and not only whether it still falls. */
const heldOutRows = (fraction: number) => ({
  en: `, and by how much the mean loss on ${Math.round(100 * fraction)}% of the rows, which are kept out of the fit, changes in that epoch (two sums over these rows), hence after which epoch it was least`,
  zh: `，以及留出的 ${Math.round(100 * fraction)}% 行（不参与拟合）上的平均损失在该轮的变化（对这些行的两个总和），从而得知哪一轮最低`,
});

const EARLIER = {
  en: "; where training starts from an earlier model, also the length of its weights on these rows",
  zh: "；若从已有模型继续训练，还包括其权重在这些行上的长度",
};

/** What the sums tell where the host brings little: the size of its coefficients, and how its columns go with the label. */
const fewTerms = (least: number) => ({
  en: `; ${least === 1 ? "a single column is enough on the data provider's side, and of one or two" : `the data provider brings at least ${least} terms (columns, or categories of text); of very few`} these sums tell about the size of a coefficient and the covariance of a column with the label`,
  zh: `；数据提供方至少有 ${least} 项（列或文本类别），项数很少时，这些总和会透露系数大小以及列与标签的协方差`,
});

const residualCounts = (guest: Participant, host: Participant, { minimumRows }: Parameters): Disclosure => {
  const step = 2 ** Math.ceil(Math.log2(minimumRows));
  return learns(guest, host, "residual-counts", {
    en: `how the residuals of up to 16,384 rows lie at the fit: how many are in each of about twenty ranges (of several classes for each class), every number rounded down to a multiple of ${step}; of no row which range it is in`,
    zh: `训练结束时至多 16,384 行残差的分布：约二十个区间（多分类时每类分别统计）各有多少行，每个数均向下取整为 ${step} 的倍数；不说明任何一行所在的区间`,
  });
};

const classCount = (host: Participant, guest: Participant, classes: number): Disclosure =>
  learns(host, guest, "class-count", {
    en: `that the label has ${classes} classes, which it knows by numbers from 1 on; no name of a class, and of no row which one it is`,
    zh: `标签共有 ${classes} 个类别，仅以 1 起的编号表示；不含类别名称，也不含任何一行所属的类别`,
  });

function ownFit(recipient: Participant, about: Participant, parameters: Parameters): Disclosure {
  const { rowsPerTerm, minimumRows, classes } = parameters;
  const each =
    classes === null
      ? { en: "", zh: "" }
      : {
          en: ` for each of the ${classes} classes (of which none has fewer than ${minimumRows} rows; each class counts as a term of its own)`,
          zh: `（${classes} 个类别各一组，每类不少于 ${minimumRows} 行；计算项数时各类别分别计入）`,
        };
  return learns(recipient, about, "own-coefficients", {
    en: `its own coefficients${each.en}, fitted beside ${about.party}'s columns: like any fitted coefficient they tell how the label goes with its own columns once ${about.party}'s are allowed for. At least ${rowsPerTerm} rows stand behind each term of both, both see to that; each party's own program sees to it that none of its terms marks fewer than ${minimumRows} rows (rarer categories are merged), which ${about.party} cannot check: columns made for the purpose could tell more`,
    zh: `己方系数${each.zh}，与 ${about.party} 的列联合拟合得到：与任何拟合系数一样，反映在计入 ${about.party} 各列后己方各列与标签的关系。双方各项平均不少于 ${rowsPerTerm} 行，由双方核验；各方自己的程序保证己方每一项涉及不少于 ${minimumRows} 行（更少见的类别会合并），${about.party} 无法核验这一点：刻意构造的列可能透露更多`,
  });
}

const LOG_LINK: ReadonlySet<Parameters["family"]> = new Set(["poisson", "gamma", "tweedie"]);

/** One bit at the end: where it is set there is no model. */
const cutOff = (recipient: Participant, about: Participant): Disclosure =>
  learns(recipient, about, "out-of-range", {
    en: "whether the fit of any row is out of range, over a thousand times the mean; not of which row. Training ends without a model then",
    zh: "是否有任何行的拟合值超出范围（超过均值的一千倍），不说明是哪一行；若有，则训练结束且不产生模型",
  });

const spread = (host: Participant, guest: Participant): Disclosure =>
  learns(host, guest, "label-spread", {
    en: `between which powers of two the standard deviation of the label lies`,
    zh: "标签标准差位于哪两个 2 的幂之间",
  });
