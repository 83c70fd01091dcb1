/** Parameters that do not go together, or not with who takes part: told before anyone consents, as the run itself would. */
import {
  CLASSES_MAX,
  customFiguresOf,
  customMetricFault,
  METRICS_OF,
  TREES_MAX,
} from "@tombolo/federated/vertical/boosting";
import type { ParameterFault } from "../component.ts";
import type { Parameters } from "./parameters.ts";

type Texts = readonly [message: string, remedy: string];

const fault = (parameter: keyof Parameters, [message, remedy]: Texts, zh: Texts): ParameterFault => ({
  parameter,
  message,
  remedy,
  zh: { message: zh[0], remedy: zh[1] },
});

/** `hosts`: how many take part. */
export function trainingFaults(given: Parameters, hosts: number): ParameterFault[] {
  return [
    ...objectiveFaults(given),
    ...watchingFaults(given),
    ...bitsFaults(given),
    ...baseScoreFaults(given),
    ...forestFaults(given),
    ...gossFaults(given, hosts),
  ];
}

function objectiveFaults({ objective, classes, trees, guestOnlyTrees, scalePosWeight, metric }: Parameters) {
  const faults: ParameterFault[] = [];
  if (objective === "multi-class" && classes === null)
    faults.push(
      fault(
        "classes",
        [
          "how many classes there are is not said",
          `Set classes to the number of different labels, 2 to ${CLASSES_MAX}.`,
        ],
        ["未说明类别数", `请将类别数设为标签的不同取值个数（2 至 ${CLASSES_MAX}）。`],
      ),
    );
  if (objective !== "multi-class" && classes !== null)
    faults.push(
      fault(
        "classes",
        ["classes are told of an objective that has none", "Leave classes out, or choose several classes."],
        ["该目标没有类别数", "请留空类别数，或选择多分类。"],
      ),
    );
  if (trees * (classes ?? 1) > TREES_MAX)
    faults.push(
      fault(
        "trees",
        [`there are more than ${TREES_MAX} trees over all classes`, "Grow fewer trees."],
        [`各类别合计超过 ${TREES_MAX} 棵树`, "请减少树的数量。"],
      ),
    );
  if (guestOnlyTrees > trees)
    faults.push(
      fault(
        "guestOnlyTrees",
        ["more trees are the guest's alone than are grown", "Set guestOnlyTrees to at most trees."],
        ["仅用发起方列的树多于树的总数", "请使其不超过树的数量。"],
      ),
    );
  if (scalePosWeight !== 1 && objective !== "binary")
    faults.push(
      fault(
        "scalePosWeight",
        ["a weight of yes is told of an objective without yes and no", "Set scalePosWeight to 1."],
        ["该目标没有正例，不能设正例权重", "请将正例权重设为 1。"],
      ),
    );
  const known: readonly string[] = METRICS_OF[objective];
  if (!known.includes(metric))
    faults.push(
      fault(
        "metric",
        [`${metric} is no figure of this objective`, `Watch one of: ${known.join(", ")}.`],
        [`${metric} 不是该目标的指标`, `请选择：${known.join("、")}。`],
      ),
    );
  return faults;
}

function watchingFaults({ objective, metric, customMetric, calibration, earlyStopping }: Parameters) {
  const faults: ParameterFault[] = [];
  if ((metric === "custom") !== (customMetric !== null))
    faults.push(
      fault(
        "customMetric",
        [
          "a custom metric is told without being watched, or watched without being told",
          'Give customMetric with the metric "custom", and with no other.',
        ],
        ["自定义指标与所选指标不符", "仅当指标选为“自定义”时填写自定义指标。"],
      ),
    );
  const wrong = customMetric === null ? null : customMetricFault(customMetric, customFiguresOf(objective));
  if (wrong !== null)
    faults.push(
      fault(
        "customMetric",
        ["the custom metric does not fit", `It must be ${wrong}.`],
        ["自定义指标不合适", "请检查各项是否适用于该目标，以及权重、取值点与代价的范围。"],
      ),
    );
  if (calibration !== "none" && (objective !== "binary" || earlyStopping === null))
    faults.push(
      fault(
        "calibration",
        [
          "scores are calibrated on rows kept out for early stopping, and of yes or no alone",
          'Set earlyStopping and the objective "binary", or calibration to "none".',
        ],
        ["校准仅用于二分类，且需要早停所留出的验证行", "请启用早停并选择二分类，或关闭校准。"],
      ),
    );
  return faults;
}

function bitsFaults({ objective, gradientBits }: Parameters): ParameterFault[] {
  if (gradientBits === null || objective !== "absolute") return [];
  return [
    fault(
      "gradientBits",
      ["by absolute error gradients take two bits anyway", "Leave gradientBits out."],
      ["绝对误差的梯度本来只需两位", "请留空梯度位数。"],
    ),
  ];
}

const BASE_SCORES: Readonly<
  Partial<Record<Parameters["objective"], readonly [(value: number) => boolean, Texts, Texts]>>
> = {
  binary: [
    (value) => value > 0 && value < 1,
    ["the base score is no probability", "Set baseScore above 0 and below 1, or leave it out."],
    ["初始预测不是概率", "请设为大于 0 且小于 1，或留空。"],
  ],
  "multi-class": [
    () => false,
    ["several classes all start alike", "Leave baseScore out."],
    ["多分类的各类起点相同", "请留空初始预测。"],
  ],
  ...Object.fromEntries(
    ["poisson", "tweedie"].map((objective) => [
      objective,
      [
        (value: number) => value > 0,
        ["a count or a cost is above 0", "Set baseScore above 0, or leave it out."],
        ["计数或金额须大于 0", "请将初始预测设为大于 0，或留空。"],
      ],
    ]),
  ),
};

function baseScoreFaults({ objective, baseScore }: Parameters): ParameterFault[] {
  const [fits, texts, zh] = BASE_SCORES[objective] ?? [];
  if (baseScore === null || texts === undefined || zh === undefined || fits?.(baseScore) === true) return [];
  return [fault("baseScore", texts, zh)];
}

function forestFaults({ forest, subsample, colsample, earlyStopping, guestOnlyTrees }: Parameters): ParameterFault[] {
  if (!forest) return [];
  const faults: ParameterFault[] = [];
  if (subsample === 1 && colsample === 1)
    faults.push(
      fault(
        "subsample",
        ["all trees of the forest would be the same", "Let each tree see a share of the rows or of the columns."],
        ["随机森林的各棵树会完全相同", "请将行采样或列采样设为小于 1。"],
      ),
    );
  if (earlyStopping !== null)
    faults.push(
      fault(
        "earlyStopping",
        ["trees of a forest do not follow one another", "Leave early stopping out."],
        ["随机森林的各棵树并非依次生成", "请关闭早停。"],
      ),
    );
  if (guestOnlyTrees > 0)
    faults.push(
      fault(
        "guestOnlyTrees",
        ["a forest's first tree is as telling as its last", "Set guestOnlyTrees to 0."],
        ["随机森林的首棵树与末棵树同样泄露信息", "请将仅用发起方列的树设为 0。"],
      ),
    );
  return faults;
}

function gossFaults({ goss, subsample, guestOnlyTrees }: Parameters, hosts: number): ParameterFault[] {
  if (goss === null) return [];
  const faults: ParameterFault[] = [];
  if (goss.top + goss.other >= 1)
    faults.push(
      fault(
        "goss",
        ["the two shares leave no row out", "Let them add up to less than 1."],
        ["两个占比之和未留下任何行", "请使其合计小于 1。"],
      ),
    );
  if (subsample !== 1)
    faults.push(
      fault(
        "subsample",
        ["rows are drawn by gradient already", "Set subsample to 1, or leave goss out."],
        ["行已按梯度采样", "请将行采样设为 1，或关闭按梯度采样。"],
      ),
    );
  if (hosts > 0 && guestOnlyTrees === 0)
    faults.push(
      fault(
        "goss",
        [
          "rows drawn by gradient in trees that hosts grow with would tell them labels",
          "Leave goss out, or set guestOnlyTrees to the trees that the guest grows alone.",
        ],
        ["在数据方参与的树中按梯度采样会泄露标签", "请关闭按梯度采样，或设置仅用发起方列的树。"],
      ),
    );
  return faults;
}
