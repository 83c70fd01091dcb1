/**
 * Failures of steps on columns and rows, in Chinese: their code alone says too little of what to mend. By the node's own words, which a
 * test looks up in its sources; {} stands for what a message fills in.
 */
interface Reason {
  readonly what: string;
  readonly remedy: string;
}

const of = (what: string, remedy: string): Reason => ({ what, remedy });

export const reasons: Readonly<Record<string, Reason>> = {
  "conditions keep or leave out fewer rows than a party allows": of(
    "筛选条件保留或剔除的行数少于某方允许的下限。",
    "请放宽或收紧条件，或匹配更多行。",
  ),
  "the flow allows bins of {} rows, too few for a party": of(
    "流程允许的每箱最少行数（{}）低于某方的要求。",
    "请提高分箱的最少行数 minimumRows。",
  ),
  "the flow allows results over {} rows, too few for a party": of(
    "流程允许的最少行数（{}）低于某方的要求。",
    "请提高最少行数 minimumRows。",
  ),
  "no regression of the label on these columns can be fitted": of(
    "无法用这些列对标签做回归。",
    "请先按 VIF 剔除列，或改用向前逐步回归。",
  ),
  "a binned column is not in the table": of(
    "表中缺少已分箱的列。",
    "请读取该列，或恢复其分箱时的列名；标识列与标签不参与。",
  ),
  "a chosen column is not among the features": of(
    "所选的列不是特征列。",
    "请在读取数据步骤中读取该列，且不作为标识或标签。",
  ),
  "a column is of another kind than when its bins were fixed": of(
    "列的类型与定箱时不同。",
    "请转换为当时的类型，或重新分箱。",
  ),
  "a column of text has no mean or median": of("文本列没有均值或中位数。", "请改用众数或常数填补。"),
  "a column that the model needs is not there": of("缺少模型所需的列。", "请提供训练时的列，并使用当时的列名。"),
  "a column to be binned holds infinite numbers": of("待分箱的列含有无穷值。", "请将其置空，或不使用该列。"),
  "a column to be cast to numbers holds text that is none": of(
    "待转为数值的列含有非数值的文本。",
    "请先填补或派生，或保留为文本。",
  ),
  "a column to be kept or dropped is not among the features": of(
    "指定保留或剔除的列不是特征列。",
    "请填写表中存在的列，且不是标识列或标签。",
  ),
  "a selected column is not in the table": of("表中缺少筛选后保留的列。", "请以筛选时的列名读取该列。"),
  "a step for numbers names a column of text": of("适用于数值的步骤指定了文本列。", "请先转换为数值，或对类别编码。"),
  "a step for text names a column of numbers": of("适用于文本的步骤指定了数值列。", "请先转换为文本，或改用数值步骤。"),
  "a step makes a column with the name of an id or the label": of("新列与标识列或标签同名。", "请为新列另取名称。"),
  "a step of preparation makes a column that is there already": of("新列与已有的列同名。", "请为新列另取名称。"),
  "a step or condition names a column that is not there": of(
    "步骤或条件指定的列不存在。",
    "请读取该列，或恢复其在学习时的列名；标识列与标签不参与。",
  ),
  "no column is left": of("没有剩余的列。", "请放宽某条规则，或手动保留部分列。"),
  "own edges are given for a column that is not binned": of("为未分箱的列指定了切点。", "请仅为参与分箱的列指定切点。"),
  "the column of time holds what is no date": of(
    "时间列含有非日期的取值。",
    "请使用 2026-01-31 形式的日期，或以数值表示期间。",
  ),
  "the score column holds text": of("分数列是文本。", "请选择数值列。"),
  "the scored table has no contributions": of(
    "打分表中没有特征贡献。",
    "请在回归模型预测中开启特征贡献（contributions）。",
  ),
  "the scored table lacks the column of groups or time": of(
    "打分表中缺少分组列或时间列。",
    "请在打分时开启 keepColumns，使发起方的列保留在分数旁。",
  ),
  "the table has no contributions beside the score": of(
    "表中没有与分数对应的特征贡献。",
    "请在打分时开启特征贡献（contributions）。",
  ),
  "the table lacks a column that the task needs": of("表中缺少任务所需的列。", "请提供训练时的列，并使用当时的列名。"),
  "the two tables do not have the same columns": of("两张表的列不一致。", "请读取相同的列，或先重命名、转换类型。"),
  "the two tables do not have the same id columns and label": of(
    "两张表的标识列或标签不一致。",
    "请以相同的标识列与标签读取。",
  ),
  'a column of the table is called "{}" already': of("表中已有名为“{}”的列。", "请不要读取该列。"),
  "a party compares 1 to {} columns of numbers across parties": of(
    "每方可跨方比较 1 至 {} 个数值列。",
    "请先将文本转为数值，或用其他规则剔除更多列。",
  ),
  "a column to be scaled has one value only, none, or an infinite one": of(
    "待缩放的列取值全部相同、全部缺失或含无穷值。",
    "请不使用该列，或先截断。",
  ),
  "a column whose power is to be learnt has one value only, none, or an infinite one": of(
    "待学习幂变换的列取值全部相同、全部缺失或含无穷值。",
    "请不使用该列，或先截断。",
  ),
  "an expression has no value in {} rows": of(
    "表达式在 {} 行中无定义。",
    "其中除以了 0，或对无对数、无平方根的数求值。请用 ?: 处理，或将 undefined 设为 missing。",
  ),
  "an expression is not one that can be used: {}": of(
    "表达式不可用：{}",
    '可使用列名、数值、文本、+ - * / %、比较、&& || !、?: 以及所列函数；含特殊字符的列写作 col("列名")。',
  ),
  "a binary label has two values, and this column has another number of them": of(
    "二分类标签应有两个取值，而该列的取值个数不符。",
    "请选择其他标签，或改用回归目标。",
  ),
  "a regression needs a label of numbers": of("回归需要数值标签。", "请选择其他标签，或改用二分类目标。"),
  "encoding by the target takes an own label in every row": of(
    "目标编码要求本方每一行都有标签。",
    "只有持有标签的一方可以使用目标编码；其他方请用频数或独热编码。",
  ),
  "some rows have no label": of("部分行没有标签。", "请在读取数据步骤中剔除没有标签的行。"),
  "the guest's table has no label": of("发起方的表没有标签。", "请在发起方的读取数据步骤中指定标签列。"),
  "the label has one value in all matched rows": of(
    "匹配的行中标签取值全部相同。",
    "请匹配含两类标签的行，或选择其他标签。",
  ),
  "the label has one value only": of("标签只有一个取值。", "请选择含两类标签的行。"),
  "a label is so rare that its rows would stand more than {} times": of(
    "某个标签过于稀有，其行将重复超过 {} 次。",
    "请降低标签比例。",
  ),
  "rows are drawn by label where it has 2 to {} values": of(
    "按标签抽样要求标签有 2 至 {} 个取值。",
    "请改为按比例抽样，或选择其他标签。",
  ),
  "a column to be imputed has no value at all": of("待填补的列全部缺失。", "请不使用该列，或用常数填补。"),
  "a column of the regression is not binned": of("回归中有未分箱的列。", "请仅用分箱步骤输出的表训练回归。"),
  "a scorecard is made of a logistic regression without an offset": of(
    "评分卡须由不带偏移项的逻辑回归生成。",
    "请用逻辑回归训练。",
  ),
  "columns of the regression were changed after they were binned": of(
    "回归的列在分箱之后又被改动。",
    "请在分箱之前做特征处理，并用分箱的输出训练。",
  ),
  "the regression has no standard errors": of("回归没有标准误。", "请开启推断训练，并使其收敛。"),
  "the rows are not in the order of the partners'": of(
    "行的次序与合作方不一致。",
    "请先由各方共同参与、且各方都得到结果的求交步骤对齐行。",
  ),
  "the guest names no column to divide by time": of("发起方没有指定时间列。", "请填写发起方的日期或数值列。"),
  "a constant to impute by is missing or of the other kind": of(
    "未给出填补用的常数，或其类型不符。",
    "请填写 value：数值列为数值，文本列为文本。",
  ),
  "bounds to clip by are missing or in the wrong order": of(
    "未给出截断界限，或其次序有误。",
    "请填写下限、上限或两者，下限在前。",
  ),
  "quantiles to clip by are not between 0 and 1 in ascending order": of(
    "截断分位数不在 0 与 1 之间，或未按升序。",
    "请填写如 0.01 与 0.99。",
  ),
  "{} needs something to go by, and the input {} is not connected": of(
    "规则 {} 缺少依据：输入 {} 未连接。",
    "请连接该输入，或去掉该规则。",
  ),
  "a column is in bins already, by this or another version of them": of("列已分箱。", "请对分箱之前的行应用分箱。"),
  "the rows went through other steps than those that the model was trained after": of(
    "这些行经过的处理与模型训练时不同。",
    "请提供原始行：模型会自行处理。",
  ),
  "the rows went through these steps before": of("这些行已经过相同的处理。", "请对读取时的原始行应用。"),
  "the two tables went through different steps": of(
    "两张表经过的处理不同。",
    "请先合并再处理，或对两者应用相同的处理。",
  ),
  "a column has values for which {} is not defined": of(
    "列中有取值不适用于 {}。",
    "请先截断，或改用适用于所有数值的 yeo-johnson。",
  ),
  "no group or period has enough rows": of("没有行数足够的分组或期间。", "请降低 minimumGroup，或选择取值更少的列。"),
  "the two models did not score the same rows": of(
    "两个模型打分的行不同。",
    "请用两个模型对同一张表打分，并保留标识列。",
  ),
  "there are too few rows to divide": of("行数过少，无法划分。", "请匹配更多行，或改变测试集占比或折数。"),
  "too few rows would stay": of("保留的行过少。", "请提高抽样比例，或匹配更多行。"),
  "binning takes at least {} rows": of("分箱至少需要 {} 行。", "请匹配更多行。"),
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&");
const patterns = Object.entries(reasons).map(([message, reason]) => {
  const parts = message.split("{}").map(escaped);
  return { pattern: new RegExp(`^${parts.join("(.+?)")}$`, "su"), reason };
});

/** Undefined for what stands under its code alone. */
export function reasonOf(message: string): Reason | undefined {
  for (const { pattern, reason } of patterns) {
    const found = pattern.exec(message);
    if (found === null) continue;
    const filled = found.slice(1);
    return { ...reason, what: reason.what.replace(/\{\}/gu, () => filled.shift() ?? "") };
  }
  return undefined;
}
