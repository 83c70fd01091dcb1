/** A request as a person reads it: what a yes means, what each party will learn, what changed since the last yes. */
import type { Json } from "@tombolo/base";
import type { approval, approvalDetail as detailSchema, GrantTerms, QueryTerms, Schedule, Text } from "@tombolo/sdk";
import type { z } from "zod";
import type { Caller } from "../api/handlers.ts";
import { grantById } from "../grants/grant-rows.ts";
import { projectById } from "../grants/projects.ts";
import { type Job, jobById } from "../jobs/rows.ts";
import { permitById } from "../models/permits.ts";
import { modelById } from "../models/rows.ts";
import { contractById } from "../partner/contract-rows.ts";
import type { Side } from "../partner/side.ts";
import { scheduleById, scheduleView } from "../schedules/rows.ts";
import { type Approval, commentViews, mayNotDecide, shownHash } from "./approvals.ts";
import { type Difference, differences } from "./differences.ts";
import { permitStatements } from "./permit-words.ts";
import { both, moment } from "./words.ts";

type View = z.input<typeof approval>;
type Detail = z.input<typeof detailSchema>;

export function approvalView(side: Side, caller: Caller, row: Approval): View {
  const barred = mayNotDecide(side, caller, row);
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    requestedBy: row.requested_by,
    requestedParty: row.requested_party,
    direction: row.requested_party === side.config.party ? "outgoing" : "incoming",
    status: row.status,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    decidedBy: row.decided_by,
    decidedAt: row.decided_at?.toISOString() ?? null,
    reason: row.reason,
    mayDecide: barred === null,
    mayNotDecideBecause: barred?.text ?? null,
    jobId: row.kind === "job" ? row.subject : null,
    grantId: row.kind === "grant" ? row.subject : null,
    projectId: row.kind === "project" ? row.subject : null,
    scheduleId: row.kind === "schedule" ? row.subject : null,
    permitId: row.kind === "model" ? row.subject : null,
  };
}

export async function approvalDetail(side: Side, caller: Caller, row: Approval): Promise<Detail> {
  const job = row.kind === "job" ? await jobById(side, row.subject) : null;
  const grant = row.kind === "grant" ? await grantById(side, row.subject) : null;
  const schedule = row.kind === "schedule" ? await scheduleView(side, await scheduleById(side, row.subject)) : null;
  const permit = row.kind === "model" ? await permitById(side, row.subject) : null;
  return {
    ...approvalView(side, caller, row),
    message: row.message,
    statements:
      job !== null
        ? jobStatements(job, await datasetNames(side))
        : grant !== null
          ? grantStatements(grant.owner, grant.terms, grant.dataset_name)
          : schedule !== null
            ? scheduleStatements(schedule)
            : permit !== null
              ? permitStatements(await modelById(side, permit.model_id), permit)
              : await otherStatements(side, row),
    disclosure: (job?.document.disclosure ?? schedule?.disclosure ?? []).map((item) => ({
      ...item,
      text: { ...item.text },
    })),
    consentHash: await shownHash(side, row),
    flowYaml: job?.flow_yaml ?? schedule?.flowYaml ?? null,
    grantTerms: grant?.terms ?? null,
    diff: job === null ? null : await sinceLastApproved(side, job),
    comments: await commentViews(side, row.subject),
    modelId: permit?.model_id ?? null,
  };
}

/** What this party knows each dataset as: its own by their names, partners' by the grants it holds. */
async function datasetNames(side: Side): Promise<ReadonlyMap<string, string>> {
  const own = await side.store.db.selectFrom("datasets").select(["id", "name"]).execute();
  const granted = await side.store.db.selectFrom("grants").select(["terms", "owner", "dataset_name"]).execute();
  return new Map([
    ...granted.map(({ owner, terms, dataset_name }) => [`${owner} ${terms.datasetId}`, dataset_name] as const),
    ...own.map(({ id, name }) => [`${side.config.party} ${id}`, name] as const),
  ]);
}

const ROLE_ZH: Readonly<Record<string, string>> = {
  guest: "发起方",
  host: "数据方",
  arbiter: "协调方",
  observer: "监督方",
};

function jobStatements({ document, initiator }: Job, names: ReadonlyMap<string, string>): Text[] {
  const parties = both(
    document.parties.map(({ party, role }) => `${party} (${role})`).join(", "),
    document.parties.map(({ party, role }) => `${party}（${ROLE_ZH[role] ?? role}）`).join("、"),
  );
  const data = document.datasets.map(({ party, datasetId, columns, filter }) => {
    const known = names.get(`${party} ${datasetId}`);
    const en = known === undefined ? `its table ${datasetId}` : `"${known}"`;
    const zh = known === undefined ? `其数据 ${datasetId}` : `“${known}”`;
    return both(
      `${party} brings ${en}: ${columns.join(", ")}${filter === null ? "" : `, only rows where ${filter}`}.`,
      `${party} 提供${zh}：${columns.join("、")}${filter === null ? "" : `，仅限满足 ${filter} 的行`}。`,
    );
  });
  const until = moment(document.expiresAt);
  return [
    both(
      `${initiator} asks to run "${document.name}" with ${parties.en}.`,
      `${initiator} 申请运行“${document.name}”，参与方：${parties.zh}。`,
    ),
    ...data,
    ...reused(document),
    ...learnt(document.disclosure),
    both(`The consent is valid until ${until.en}.`, `同意有效期至 ${until.zh}。`),
  ];
}

/** Of tasks that are not run again. */
function reused({ reuse = [] }: Job["document"]): Text[] {
  return [...Map.groupBy(reuse, ({ jobId }) => jobId)].map(([jobId, tasks]) => {
    const names = tasks.map(({ task }) => task);
    return both(
      `Not run again: ${names.join(", ")}. What each party holds of them from the job ${jobId} is used instead; nothing new is told by these.`,
      `不再运行：${names.join("、")}。改用各方在作业 ${jobId} 中留存的结果；这些步骤不会透露任何新信息。`,
    );
  });
}

const unique = (texts: readonly Text[]): Text[] => [...new Map(texts.map((text) => [text.en, text])).values()];

const USE = { train: both("train models", "训练模型"), score: both("score", "评分") } as const;

function queryStatements(partners: string, terms: QueryTerms): Text[] {
  const { keys, columns, padTo, idsMax, idsPerDay, authorisationRequired } = terms;
  const answers = columns.map(({ column }) => column);
  return [
    both(
      `For questions alone: of each ${keys.join(" + ")} that ${partners} asks about, it learns ${answers.length === 0 ? "whether its parts stand together in one row" : `whether there is such a row, and its ${answers.join(", ")}`}; you learn how many it asks, not which.`,
      `仅供查询：${partners} 对所查询的每个 ${keys.join(" + ")}，得知${answers.length === 0 ? "各项是否同在一行" : `是否存在该行及其 ${answers.join("、")}`}；本方只知道查询数量，不知道是哪些。`,
    ),
    both(
      `At most ${idsMax} ids in all${idsPerDay === null ? "" : `, and ${idsPerDay} a day (UTC)`}; the table's size is told in steps of ${padTo}.`,
      `合计最多 ${idsMax} 个标识${idsPerDay === null ? "" : `，每日（UTC）最多 ${idsPerDay} 个`}；表的规模按 ${padTo} 的步长透露。`,
    ),
    ...(authorisationRequired === true
      ? [
          both(
            "Every question must come with a reference to the data subjects' authorisation: its hash, scope and end. No node checks the document itself.",
            "每次查询都须附数据主体授权凭据（哈希、范围与截止时间）；授权文件本身不由节点核验。",
          ),
        ]
      : []),
  ];
}

function grantStatements(owner: string, terms: GrantTerms, datasetName: string): Text[] {
  const until = moment(terms.expiresAt);
  const columns =
    terms.columns.length === 0
      ? both("all columns", "全部列")
      : both(terms.columns.join(", "), terms.columns.join("、"));
  const components =
    terms.components.length === 0
      ? both("any component", "任意组件")
      : both(terms.components.join(", "), terms.components.join("、"));
  const uses = {
    en: terms.use.map((use) => USE[use].en).join(", "),
    zh: terms.use.map((use) => USE[use].zh).join("、"),
  };
  const partners = terms.partners.join(", ");
  const statements = [
    both(
      `${partners} may use ${owner}'s dataset "${datasetName}" (${columns.en}) to ${uses.en}.`,
      `${partners} 可使用 ${owner} 的数据“${datasetName}”（${columns.zh}）用于：${uses.zh}。`,
    ),
    both(`Purpose: ${terms.purpose}.`, `用途：${terms.purpose}。`),
    both(
      `By ${components.en}; results go to ${terms.receivers.join(", ")}.`,
      `使用组件：${components.zh}；结果接收方：${terms.receivers.join("、")}。`,
    ),
    both(
      `${terms.uses === 1 ? "Once" : `Up to ${terms.uses} times`}, until ${until.en}.`,
      `最多 ${terms.uses} 次，有效期至 ${until.zh}。`,
    ),
  ];
  if (terms.query !== undefined) statements.push(...queryStatements(partners, terms.query));
  if (terms.filter !== null)
    statements.push(both(`Only rows where ${terms.filter}.`, `仅限满足 ${terms.filter} 的行。`));
  if (terms.columnNames === true)
    statements.push(
      both(
        `${partners} may be told, where a training asks for it, which of these columns stand behind the splits of a joint model.`,
        `训练要求时，可告知 ${partners} 联合模型的分裂所用的是其中哪些列。`,
      ),
    );
  if (terms.standing)
    statements.push(
      both("Jobs within these terms run without asking again.", "符合以上条款的作业将自动同意，不再询问。"),
    );
  return statements;
}

function scheduleStatements({ name, cron, timeZone, until, parties, disclosure }: Schedule): Text[] {
  const who = parties.map(({ party, role }) => `${party} (${role})`).join(", ");
  const last = moment(until);
  return [
    both(
      `"${name}" runs by the clock with ${who}, without asking your party again: ${cron} (minute, hour, day, month, weekday; ${timeZone}).`,
      `“${name}”将按时自动运行，参与方：${who}，不再逐次询问本方：${cron}（分、时、日、月、星期；${timeZone}）。`,
    ),
    ...learnt(disclosure),
    both(
      `The one who asks may also start runs by hand. Each run is still checked against the grants in force. No run starts after ${last.en}.`,
      `申请人也可手动启动运行；每次运行仍须符合当时有效的授权；${last.zh} 之后不再运行。`,
    ),
  ];
}

const learnt = (disclosure: readonly { recipient: string; text: Text }[]): Text[] =>
  unique(
    disclosure.map(({ recipient, text }) =>
      both(`${recipient} will learn: ${text.en}`, `${recipient} 将得知：${text.zh}`),
    ),
  );

async function otherStatements(side: Side, row: Approval): Promise<Text[]> {
  if (row.kind === "project") {
    const { name, members } = await projectById(side, row.subject);
    const others = members.map(({ partyId }) => partyId).join(", ");
    return [
      both(
        `Your party joins the project ${name} of ${others}. This alone discloses nothing.`,
        `贵方加入项目 ${name}（成员：${others}）。加入本身不披露任何数据。`,
      ),
    ];
  }
  const { party_id: party, name } = await contractById(side, row.subject);
  return [
    both(
      `A contract with ${name} (${party}). Compare the fingerprint with them by telephone before you say yes.`,
      `与 ${name}（${party}）签约。同意前请通过电话与对方核对指纹。`,
    ),
  ];
}

/** Against the last job of this name by this initiator that this party said yes to. */
async function sinceLastApproved(side: Side, job: Job): Promise<Difference[] | null> {
  const last = await side.store.db
    .selectFrom("jobs")
    .innerJoin("job_consents", "job_consents.job_id", "jobs.id")
    .select("jobs.document")
    .where("jobs.name", "=", job.name)
    .where("jobs.initiator", "=", job.initiator)
    .where("jobs.id", "!=", job.id)
    .where("jobs.created_at", "<", job.created_at)
    .where("job_consents.party", "=", side.config.party)
    .where("job_consents.decision", "=", "APPROVED")
    .orderBy("jobs.created_at", "desc")
    .limit(1)
    .executeTakeFirst();
  if (last === undefined) return null;
  return differences(comparable(last.document), comparable(job.document));
}

/** Without what is new in every request. */
function comparable({
  flow,
  datasets,
  components,
  parties,
  disclosure,
  models,
  projectId,
  reuse,
}: Job["document"]): Json {
  const tasks = (reuse ?? []).map(({ task }) => task);
  return JSON.parse(
    JSON.stringify({ flow, datasets, components, parties, disclosure, models, projectId, reuse: tasks }),
  ) as Json;
}
