/**
 * What the common failure codes mean and what to do, for readers whom the node's own words do not reach: its messages
 * are English, and what to do is not told across parties.
 */
import type { Text } from "@tombolo/sdk";
import { codeGroups } from "./codes-groups.ts";

export interface CodeWords {
  readonly what: string;
  readonly remedy: Text;
}

const both = (en: string, zh: string): Text => ({ en, zh });
const askGrant = both(
  "Ask the owner for a new grant, then submit the job again.",
  "请向数据方申请新的授权，然后重新提交作业。",
);
const askPermit = both("Ask the party for a new permit on the model's page.", "请在模型页面向该方申请新的许可。");
const submitAgain = both(
  "Submit the flow again, so that every party is asked anew.",
  "请重新提交流程，由各方重新审批。",
);
const askAdmin = both("Ask an administrator.", "请联系管理员。");
const checkPath = both(
  "Ask the partner whether its node runs, and check the connection on the partner's page.",
  "请确认对方节点是否在运行，并在“合作方”页面检查连接。",
);
const mendInput = both("Mend what is named, then try again.", "请按提示修正后重试。");

export const codes: Readonly<Record<string, CodeWords>> = {
  ...Object.fromEntries(
    codeGroups.flatMap(({ codes: group, what, remedy }) => group.map((code) => [code, { what, remedy }])),
  ),
  "auth.credentials": {
    what: "用户名或密码不正确。",
    remedy: both("Try again, or ask an administrator for a one-time link.", "请重试，或向管理员索取一次性链接。"),
  },
  "auth.locked": {
    what: "失败次数过多，暂时不能登录。",
    remedy: both(
      "Wait, or ask an administrator for a new one-time link.",
      "请稍候再试，或向管理员索取新的一次性链接。",
    ),
  },
  "auth.rate": { what: "请求过于频繁。", remedy: both("Wait a minute.", "请等待一分钟。") },
  "auth.link": {
    what: "链接已失效。",
    remedy: both("Ask an administrator for a new one.", "请向管理员索取新的链接。"),
  },
  "auth.session": { what: "未登录，或会话已结束。", remedy: both("Sign in again.", "请重新登录。") },
  "auth.token": {
    what: "令牌无效或已过期。",
    remedy: both("Have a new one issued; the node's log has the reason.", "请重新签发令牌；原因见节点日志。"),
  },
  "auth.token-unmapped": {
    what: "令牌中没有在本节点对应角色的声明。",
    remedy: both("Have the claim or the mapping added (oidc.callers).", "请补充声明，或在 oidc.callers 中补充映射。"),
  },
  "transport.issuer": {
    what: "暂时无法取得令牌签发方的密钥。",
    remedy: both("Check that the node reaches the identity provider.", "请检查节点能否访问身份提供方。"),
  },
  "auth.forbidden": { what: "您的角色没有此权限。", remedy: askAdmin },
  "auth.quota": {
    what: "今日的调用配额已用完。",
    remedy: both("Wait for the next day (UTC), or ask for a higher quota.", "请等到次日（UTC），或申请提高配额。"),
  },
  "auth.caller": {
    what: "此调用方不在该服务的调用方之列。",
    remedy: both("Have it added to the service's callers.", "请将其加入服务的调用方。"),
  },
  "auth.role": { what: "只有审批人可以处理。", remedy: both("Ask an approver.", "请联系审批人。") },
  "auth.csrf": { what: "请求缺少防伪标记。", remedy: both("Reload the page.", "请刷新页面。") },
  "auth.fingerprint": {
    what: "指纹与该签约不符。",
    remedy: both(
      "Compare all eight groups with the partner by telephone. If they differ, end the contract.",
      "请与对方电话核对全部八组数字；若不一致，请终止签约。",
    ),
  },
  "auth.invite": {
    what: "邀请不被对方接受：可能已使用或已过期。",
    remedy: both("Ask for a new line.", "请索取新的邀请。"),
  },
  "auth.wrong-key": {
    what: "对方的密钥与邀请中的不一致。",
    remedy: both("Do not go on: ask the partner by telephone.", "请勿继续，并电话联系对方。"),
  },
  "consent.four-eyes": {
    what: "申请人不能审批，须由另一位审批人处理。",
    remedy: both("Ask another approver.", "请联系另一位审批人。"),
  },
  "consent.model-withdrawn": {
    what: "持有模型部分的一方已撤回该模型。",
    remedy: both("Ask that party for a permit, or use another version.", "请向该方申请使用许可，或改用其他版本。"),
  },
  "consent.model-archived": {
    what: "该模型已被归档。",
    remedy: both("Take it out of the archive, or use another version.", "请取出归档，或改用其他版本。"),
  },
  "consent.permit-withdrawn": { what: "该模型的使用许可已被撤回。", remedy: askPermit },
  "consent.permit-expired": { what: "该模型的使用许可已到期。", remedy: askPermit },
  "consent.permit-used-up": { what: "该模型使用许可的剩余行数不足。", remedy: askPermit },
  "consent.permit-use": { what: "该模型的使用许可不包含此种使用（在线或批量）。", remedy: askPermit },
  "consent.permit-model": { what: "使用许可针对的是重新训练之前的模型。", remedy: askPermit },
  "state.model-altered": {
    what: "模型与各方签署的内容不一致，已拒绝使用。",
    remedy: both(
      "See its page: it names the part that is wrong. Import that part from an export, or train anew.",
      "请查看模型页面中标出的部分；由该方导入备份或重新训练。",
    ),
  },
  "state.model-in-use": {
    what: "正在运行的作业在使用该模型。",
    remedy: both("Let them end or cancel them first.", "请等待其结束，或先取消。"),
  },
  "input.model-file": {
    what: "该文件不是本方导出的模型部分。",
    remedy: both("Choose a file that this party exported.", "请选择本方导出的文件。"),
  },
  "consent.grant-revoked": { what: "所用授权已被数据方撤销。", remedy: askGrant },
  "consent.grant-expired": { what: "所用授权已到期。", remedy: askGrant },
  "consent.grant-used-up": { what: "所用授权的次数已用完。", remedy: askGrant },
  "consent.grant-missing": { what: "没有覆盖此数据的授权。", remedy: askGrant },
  "consent.columns": { what: "授权不包含所用的列。", remedy: askGrant },
  "consent.components": { what: "授权不包含所用的组件。", remedy: askGrant },
  "consent.receivers": { what: "授权不允许该结果接收方。", remedy: askGrant },
  "consent.use": { what: "授权不允许此用途（训练或评分）。", remedy: askGrant },
  "consent.filter": { what: "授权限定的行与流程不一致。", remedy: askGrant },
  "consent.dataset": { what: "授权不涉及此数据。", remedy: askGrant },
  "consent.partner": { what: "授权不是给该机构的。", remedy: askGrant },
  "consent.project": {
    what: "没有这些机构共同参与的有效项目。",
    remedy: both("Propose a project and wait until its members joined.", "请先提议项目，等待成员加入。"),
  },
  "consent.no-contract": {
    what: "与对方没有生效的签约。",
    remedy: both("Both sides have to compare and confirm the fingerprint.", "双方须先核对并确认指纹。"),
  },
  "consent.missing": {
    what: "并非各方都已同意此作业。",
    remedy: both("Wait for every party's approver.", "请等待各方审批人。"),
  },
  "consent.approver": {
    what: "原审批人已停用或不再是审批人，定时作业须重新审批。",
    remedy: both("Let an approver say yes to the schedule anew.", "请由现任审批人重新审批该定时作业。"),
  },
  "consent.expired": { what: "同意或申请已过期。", remedy: submitAgain },
  "consent.reuse": {
    what: "无法沿用先前作业的结果。",
    remedy: both("Submit the flow without the earlier job.", "请不带先前作业重新提交流程。"),
  },
  "state.output-gone": {
    what: "先前作业留下的结果已不在此处。",
    remedy: both(
      "Submit the flow without the earlier job: the task runs again.",
      "请不带先前作业重新提交，该任务将重新运行。",
    ),
  },
  "consent.changed": { what: "作业与各方同意的内容不一致。", remedy: submitAgain },
  "consent.snapshot": { what: "数据已不是同意时的快照。", remedy: submitAgain },
  "consent.withdrawn": { what: "一方已取消此作业。", remedy: submitAgain },
  "consent.rejected": {
    what: "一方拒绝了此作业。",
    remedy: both(
      "Read the reason, talk to that party, and submit a changed flow.",
      "请阅读理由并与对方沟通，修改流程后再提交。",
    ),
  },
  "consent.minimum-rows": {
    what: "行数低于约定的最小值。",
    remedy: both("Use a larger table.", "请使用行数更多的数据。"),
  },
  "consent.rows": { what: "查询数量超过约定。", remedy: submitAgain },
  "consent.attempts": {
    what: "一方参与该任务的尝试次数已达上限，超出后安全承诺不再成立。",
    remedy: both(
      "Submit the flow as a new job, which wants a new consent.",
      "请将流程作为新作业提交，并重新取得各方同意。",
    ),
  },
  "consent.budget": {
    what: "数据方给出的查询额度不足。",
    remedy: both("Ask the owner to raise the budget.", "请数据方提高额度。"),
  },
  "consent.authorisation": {
    what: "缺少数据主体授权凭据，或凭据已过期、范围不符。",
    remedy: both(
      "Name an authorisation that holds: its SHA-256, scope and end.",
      "请填写有效的授权凭据：SHA-256、适用范围与截止时间。",
    ),
  },
  "consent.day": {
    what: "已达数据方允许的每日查询量。",
    remedy: both("Ask again tomorrow (UTC), or ask the owner for more.", "请于次日（UTC）再查，或请数据方提高限额。"),
  },
  "consent.query": {
    what: "该授权只用于按数据方拟定的内容构建查询目录。",
    remedy: both(
      "Prepare the catalogue from what the owner offers, or ask for another grant.",
      "请按数据方提供的内容构建目录，或另行申请授权。",
    ),
  },
  "consent.distinct": {
    what: "今日不同键数已达上限；查询过的键仍可查询。",
    remedy: both(
      "Wait for the next day (UTC), or deploy with a higher limit.",
      "请等待次日（UTC），或以更高上限重新部署。",
    ),
  },
  "consent.epoch": {
    what: "查询目录已到期或其次数已用完。",
    remedy: both("Make a new catalogue.", "请重新构建目录。"),
  },
  "input.key": { what: "查询的键不完整或为空。", remedy: mendInput },
  "input.id": { what: "标识为空或不可用。", remedy: mendInput },
  "input.features": { what: "缺少特征，或特征取值不可用。", remedy: mendInput },
  "input.service-kind": {
    what: "该服务不应答此类调用。",
    remedy: both("Call it at the address on its page.", "请使用服务页面上的调用地址。"),
  },
  "state.unknown-id": {
    what: "合作方没有该标识。",
    remedy: both("Check the id, or agree on a rule for unknown ids.", "请核对标识，或为未知标识约定规则。"),
  },
  "state.stale-feature": {
    what: "合作方的数据过旧。",
    remedy: both("Ask the partner to bring its rows up to date.", "请合作方更新数据。"),
  },
  "transport.missing-host": { what: "合作方暂不在线。", remedy: checkPath },
  "aborted.restored": { what: "节点已从备份恢复，原作业已结束。", remedy: submitAgain },
  "aborted.cancelled": {
    what: "作业已被取消。",
    remedy: both("Run it again if it was a mistake.", "若为误操作，可重新运行。"),
  },
  "aborted.partner": { what: "合作方结束了作业。", remedy: both("Ask the partner why.", "请向对方了解原因。") },
  "aborted.job": {
    what: "作业已结束，任务随之停止。",
    remedy: both("See why the job ended.", "请查看作业结束的原因。"),
  },
  "transport.unreachable": {
    what: "无法连接节点。",
    remedy: both("Check that the node runs and can be reached from here.", "请确认节点正在运行且可以访问。"),
  },
  "transport.partner-away": { what: "长时间没有收到合作方的消息。", remedy: checkPath },
  "transport.peer-lost": { what: "与合作方的连接中断。", remedy: checkPath },
  "transport.timeout": { what: "合作方没有及时应答。", remedy: checkPath },
  "transport.tcp": { what: "无法与合作方建立网络连接。", remedy: checkPath },
  "transport.address": {
    what: "合作方的地址不可用或不被允许。",
    remedy: both(
      "Check the address in the invite, and the settings of this node.",
      "请检查邀请中的地址与本节点的设置。",
    ),
  },
  "resource.disk": {
    what: "磁盘空间不足或无法写入。",
    remedy: both("Free some space, then try again.", "请清理空间后重试。"),
  },
  "resource.disk-full": { what: "磁盘已满。", remedy: both("Free some space, then try again.", "请清理空间后重试。") },
  "resource.memory-limit": {
    what: "任务超出内存上限。",
    remedy: both("Use fewer rows or columns, or raise the limit.", "请减少行列，或提高上限。"),
  },
  "resource.busy": {
    what: "请求过多，服务暂时无法接受。",
    remedy: both("Ask again in a moment, or less at once.", "请稍后重试，或减少单次行数。"),
  },
  "resource.runner-died": { what: "任务进程意外退出。", remedy: both("Run the job again.", "请重新运行作业。") },
  "resource.node-restarted": { what: "任务运行期间节点重启。", remedy: both("Run the job again.", "请重新运行作业。") },
  "state.decided": { what: "该申请已处理。", remedy: both("Reload the page.", "请刷新页面。") },
  "state.contract-exists": { what: "与对方已有签约。", remedy: both("End it first.", "请先终止原签约。") },
  "state.flow-changed": {
    what: "在您打开之后，他人已保存了该流程的新修订。",
    remedy: both("Look at what was saved, then choose whose goes on.", "请查看对方保存的内容，再决定以哪一份为准。"),
  },
  "state.flow-name": {
    what: "已有同名的流程。",
    remedy: both("Choose another name.", "请换一个名称。"),
  },
  "resource.flows": {
    what: "本节点保存的流程已达上限。",
    remedy: both("Delete those that nobody needs.", "请删除不再需要的流程。"),
  },
  "state.exists": { what: "同名者已存在。", remedy: both("Choose another name.", "请换一个名称。") },
  "state.last-admin": {
    what: "至少要保留一位管理员。",
    remedy: both("Make somebody else an administrator first.", "请先指定另一位管理员。"),
  },
  "state.service-starting": {
    what: "服务尚未就绪。",
    remedy: both("Ask again in a moment.", "请稍后重试。"),
  },
  "state.service-stopped": {
    what: "服务已停止。",
    remedy: both("Ask its owner which service takes its place.", "请向其所有者了解替代的服务。"),
  },
  "state.service-ended": {
    what: "服务已结束。",
    remedy: both("Deploy the model again.", "请重新部署模型。"),
  },
  "state.service-name": {
    what: "此服务名称已被使用过。",
    remedy: both("Choose another name.", "请换一个名称。"),
  },
  "state.champion-share": {
    what: "主用承接其余部署留下的全部流量，不能单独设置。",
    remedy: both("Promote another deployment first.", "请先将其他部署设为主用。"),
  },
  "state.champion-already": {
    what: "该部署已是主用。",
    remedy: both("Choose another deployment.", "请选择其他部署。"),
  },
  "state.champion-needed": {
    what: "主用部署不能下线。",
    remedy: both("Promote another deployment first, or stop the service.", "请先将其他部署设为主用，或停止整个服务。"),
  },
  "state.no-previous-champion": {
    what: "之前没有其他主用。",
    remedy: both("Promote the deployment that should answer.", "请将应当应答的部署设为主用。"),
  },
  "state.deployment-retired": {
    what: "该部署已下线。",
    remedy: both("Deploy the model again.", "请重新部署模型。"),
  },
  "state.roll-out": {
    what: "该部署的发布计划正在进行。",
    remedy: both("Stop it first.", "请先中止该计划。"),
  },
  "state.no-roll-out": {
    what: "该部署没有正在进行的发布计划。",
    remedy: both("See where its last one stands.", "请查看上一个计划的结果。"),
  },
  "state.in-use": { what: "正在被使用。", remedy: both("Wait until the job has ended.", "请等待作业结束。") },
  "state.unknown": { what: "不存在，或已删除。", remedy: both("Go back to the list.", "请返回列表。") },
  "input.invite": {
    what: "邀请内容不完整或不正确。",
    remedy: both("Paste the whole line, from “tombolo1:” on.", "请粘贴完整的一行，以 “tombolo1:” 开头。"),
  },
  "input.password": { what: "密码过于简单。", remedy: both("Take a short sentence.", "建议使用一句短语。") },
  "input.csv": {
    what: "CSV 文件有误。",
    remedy: both("Mend the lines named, then upload again.", "请修正所列各行后重新上传。"),
  },
  "input.parquet": { what: "Parquet 文件有误。", remedy: mendInput },
  "input.flow": { what: "流程有误。", remedy: mendInput },
  "input.request": { what: "填写的内容有误。", remedy: mendInput },
  "state.component": {
    what: "本节点不能运行该版本的组件。",
    remedy: both(
      "Restart the node, whose software was changed while it ran, and submit the flow again.",
      "软件在节点运行期间已变更：请重启节点，并重新提交流程。",
    ),
  },
  "input.rows": { what: "行数不符合要求。", remedy: mendInput },
  "input.label": { what: "标签有误。", remedy: mendInput },
  "input.pipeline": { what: "行经过的处理与要求不符。", remedy: mendInput },
  "input.parameter": { what: "参数有误。", remedy: mendInput },
  "input.parameters": { what: "参数有误。", remedy: mendInput },
  "input.expression": { what: "表达式有误。", remedy: mendInput },
  "input.constant": { what: "某列的取值全部相同、全部缺失或含无穷值。", remedy: mendInput },
  "input.missing-values": { what: "存在缺失值。", remedy: mendInput },
  "input.not-aligned": { what: "行的次序与合作方不一致。", remedy: mendInput },
  "input.collinear": { what: "有的列可由其他列推出。", remedy: mendInput },
  "input.merges": { what: "分箱的合并方案有误。", remedy: mendInput },
  "input.bins": { what: "分箱有误。", remedy: mendInput },
  "input.range": { what: "取值超出允许的范围。", remedy: mendInput },
  "input.columns": { what: "所选的列有误。", remedy: mendInput },
  "input.share": {
    what: "挑战者的流量占比之和超过 100%。",
    remedy: both("Let them add up to at most 100 %.", "请使其合计不超过 100%。"),
  },
  "input.roll-out": {
    what: "发布计划有误。",
    remedy: both(
      "Choose a start from now on and before the deployment ends; guard drift only of scores.",
      "请选择当前之后、部署结束之前的开始时间；仅评分服务可设漂移条件。",
    ),
  },
  "input.until": { what: "结束时间须在一年之内。", remedy: both("Choose another day.", "请选择其他日期。") },
  "input.model": { what: "所选模型不能这样使用。", remedy: mendInput },
  "input.webhook": { what: "Webhook 地址不可用。", remedy: both("Give an https address.", "请填写 https 地址。") },
};
