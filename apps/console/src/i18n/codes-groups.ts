/** Codes that say the same to a reader: what is told apart by them is in the node's own words beneath. */
import type { Text } from "@tombolo/sdk";

export interface CodeGroup {
  readonly codes: readonly string[];
  readonly what: string;
  readonly remedy: Text;
}

const both = (en: string, zh: string): Text => ({ en, zh });
const named = (family: string, names: string): string[] => names.split(" ").map((name) => `${family}.${name}`);

const versions = both(
  "See that both nodes run the same release, then run it again. If it comes back, ask the partner.",
  "请确认双方节点版本一致后重试；若再次出现，请联系合作方。",
);
const mend = both("Mend what is named, then try again.", "请按提示修正后重试。");
const again = both("Reload the page and try again.", "请刷新页面后重试。");
const admin = both("Ask an administrator; the node's log has more.", "请联系管理员；详情见节点日志。");
const partner = both("Ask the partner, and check the connection on its page.", "请联系合作方，并在其页面检查连接。");

export const codeGroups: readonly CodeGroup[] = [
  {
    codes: named("protocol", "inputs"),
    what: "任务的输入不是同一次运行留下的。",
    remedy: both("Run the job again.", "请重新运行作业。"),
  },
  {
    codes: named("protocol", "stage-digest"),
    what: "对同一阶段的结果，各方签署的摘要不一致，已拒绝继续。",
    remedy: both(
      "Run the job again. If it comes back, compare releases and logs with the partner.",
      "请重新运行作业；若再次出现，请与合作方核对版本与日志。",
    ),
  },
  {
    codes: named("protocol", "version headers hello unknown-resource"),
    what: "双方节点的软件版本不一致。",
    remedy: versions,
  },
  {
    codes: named("protocol", "minimum model-part task agreement"),
    what: "合作方要求的内容与各方同意的不一致，已拒绝。",
    remedy: versions,
  },
  {
    codes: [
      ...named(
        "protocol",
        "answer binding body bound catalogue checkpoint ciphertext closed coin commitments copies count",
      ),
      ...named(
        "protocol",
        "duplicate frame histogram link malformed matched oblivious-transfer okvs oprf oprf-batch order point",
      ),
      ...named("protocol", "public-key range result rlwe rows sequence size sums text too-large vole"),
    ],
    what: "合作方发来的内容不符合协议，已拒绝。",
    remedy: versions,
  },
  {
    codes: named(
      "auth",
      "bad-digest bad-signature expired lifetime not-covered replayed unsigned unknown-key consent comment",
    ),
    what: "签名无效、已过期或不完整，已拒绝。",
    remedy: both(
      "Compare the clocks of both nodes and the partner's keys; then try again.",
      "请核对双方节点时钟与对方密钥后重试。",
    ),
  },
  {
    codes: named("auth", "no-certificate certificate unknown-party wrong-target wrong-contract refused"),
    what: "连接的一方不是签约中的那一方。",
    remedy: both("Check the contract and the certificates with the partner.", "请与合作方核对签约与证书。"),
  },
  {
    codes: named("auth", "initiator job model project wrong-owner capability"),
    what: "提出请求的一方无权这样做。",
    remedy: both("Ask the party that may.", "请由有权的一方处理。"),
  },
  {
    codes: named("auth", "account sign-in unmapped"),
    what: "无法通过身份提供方登录。",
    remedy: both("Ask an administrator for an account or a role.", "请联系管理员开通账户或分配角色。"),
  },
  { codes: named("auth", "host"), what: "不允许以此地址访问控制台。", remedy: admin },
  {
    codes: named("consent", "few-columns minimum-matched oprf-inputs"),
    what: "数量低于约定的最小值，结果会透露过多。",
    remedy: both("Take more rows or columns, or agree on another minimum.", "请使用更多的行或列，或另行约定最小值。"),
  },
  {
    codes: named("consent", "flow mismatch"),
    what: "流程与各方同意的不一致。",
    remedy: both("Submit the flow again, so that every party is asked anew.", "请重新提交流程，由各方重新审批。"),
  },
  {
    codes: named("consent", "grant-suspended"),
    what: "所用授权已被数据方暂停。",
    remedy: both("Ask the owner to resume it.", "请数据方恢复授权。"),
  },
  {
    codes: [...named("input", "duplicate duplicate-id empty-id id-columns id-number keys phone-rules subject")],
    what: "标识列有误：为空、重复或格式不符。",
    remedy: mend,
  },
  {
    codes: [
      ...named(
        "input",
        "constant-column nearly-constant missing missing-value value values weight weights offset score row",
      ),
      ...named("input", "evaluation-rows evaluation-values labels separable text costs gradient fraction points"),
    ],
    what: "数据中的取值不能这样使用。",
    remedy: mend,
  },
  {
    codes: [
      ...named(
        "input",
        "attributes authorisation bounds chunk-rows cron directory epsilon expiry filter idempotency-key",
      ),
      ...named(
        "input",
        "inference job keeper key-size kind members minimum minimum-rows parties partner partners payload",
      ),
      ...named("input", "project protocol query receivers reuse sensitivity slices suite task threshold user window"),
      ...named("input", "checkpoint linear-shape product-shape shape packing rlwe-parameters oprf-length size"),
    ],
    what: "填写的内容有误。",
    remedy: mend,
  },
  {
    codes: named("input", "no-match"),
    what: "双方没有共同的行。",
    remedy: both(
      "Check that both tables have the same kind of ids, written alike.",
      "请检查双方标识的种类与写法是否一致。",
    ),
  },
  {
    codes: named("input", "arguments backup content-type file too-large unreadable"),
    what: "文件无法读取，或过大。",
    remedy: mend,
  },
  { codes: named("input", "address certificate config"), what: "节点的设置有误。", remedy: admin },
  {
    codes: named(
      "resource",
      "memory message-size frame-size candidates product-budget transfers changes rows output time-limit",
    ),
    what: "超出本节点的限额。",
    remedy: both("Use fewer rows or columns, or raise the limit.", "请减少行列，或提高上限。"),
  },
  {
    codes: named("resource", "deployments imports schedules services streams"),
    what: "同时进行的过多。",
    remedy: both("Wait for one to end, or end one.", "请等待其他项结束，或先结束一项。"),
  },
  {
    codes: named("resource", "not-yet"),
    what: "尚未就绪。",
    remedy: both("Wait a moment.", "请稍候。"),
  },
  {
    codes: named("resource", "clock data-directory database online-store permission platform port runner socket-path"),
    what: "本节点所在的机器或其存储有问题。",
    remedy: admin,
  },
  {
    codes: named(
      "state",
      "console internal journal kernels lease migration no-listener not-running online-store starting provider",
    ),
    what: "节点暂时无法处理。",
    remedy: admin,
  },
  {
    codes: named(
      "state",
      "closed fenced input job running schedule session stage transition overlap other refused empty table",
    ),
    what: "当前状态下无法这样做。",
    remedy: again,
  },
  {
    codes: named("state", "contract grant permit project model model-newer catalogue parties"),
    what: "所引用的签约、授权、项目、模型或目录当前不可用。",
    remedy: both("See its page for its state.", "请在其页面查看状态。"),
  },
  { codes: named("state", "too-many"), what: "请求过多。", remedy: both("Wait a minute.", "请等待一分钟。") },
  {
    codes: named("state", "bucket-overflow cuckoo oprf-key range"),
    what: "本次计算的随机选取不成立。",
    remedy: both("Run the job again.", "请重新运行作业。"),
  },
  {
    codes: named("transport", "busy certificate closed failed name peer-restarted proxy session session-worn tls"),
    what: "与合作方的连接有问题。",
    remedy: partner,
  },
  {
    codes: named("transport", "webhook"),
    what: "Webhook 地址没有应答。",
    remedy: both("Check the address in the settings.", "请检查设置中的地址。"),
  },
  {
    codes: named("aborted", "cancel superseded shutdown unreadable"),
    what: "任务已停止。",
    remedy: both(
      "See why the job ended, and run it again if it is still wanted.",
      "请查看作业结束的原因，如仍需要可重新运行。",
    ),
  },
];
