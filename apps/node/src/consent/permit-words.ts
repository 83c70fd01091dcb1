/** What a yes to a permit means. */
import type { Text } from "@tombolo/sdk";
import type { ModelRow, PermitRow } from "../models/rows.ts";
import { both, moment } from "./words.ts";

const USES = {
  online: both("answer single calls through a service", "通过服务逐次在线评分"),
  batch: both("score tables in jobs", "在作业中批量评分"),
} as const;

export function permitStatements(model: ModelRow, { terms, requested_party: asker }: PermitRow): Text[] {
  const parties = model.parties.map(({ party }) => party);
  const use = both(
    terms.use.map((each) => USES[each].en).join(", "),
    terms.use.map((each) => USES[each].zh).join("、"),
  );
  const until = moment(terms.expiresAt);
  const rows = terms.rowsMax === null ? null : new Intl.NumberFormat("en-GB").format(terms.rowsMax);
  return [
    both(
      `${asker} asks that your part of the model "${model.name}" (${parties.join(", ")}) may be used to ${use.en}.`,
      `${asker} 申请使用贵方持有的模型“${model.name}”（${parties.join("、")}）部分，用于：${use.zh}。`,
    ),
    both(`Purpose: ${terms.purpose}.`, `用途：${terms.purpose}。`),
    rows === null
      ? both("For any number of rows.", "行数不限。")
      : both(`For ${rows} rows in all.`, `累计最多 ${rows} 行。`),
    both(`Until ${until.en}.`, `有效期至 ${until.zh}。`),
    both(
      "Each job or service that uses the model still needs its own consent, which says what each party learns. From now on uses outside your permits are refused.",
      "每个使用该模型的作业或服务仍须单独同意，其中说明各方将得知的内容。此后，超出许可范围的使用将被拒绝。",
    ),
  ];
}
