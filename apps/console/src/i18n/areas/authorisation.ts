import type { Same } from "../same.ts";

export const en = {
  title: "Authorisation of the data subjects",
  give: "Name what the data subjects authorised",
  giveHint:
    "Only its hash, scope and last day go to the partner, which may demand them; both sides journal them. The document stays with you: keep it for an auditor.",
  demanded: "{{party}} answers only with an authorisation of the data subjects.",
  perQuestion: "Each question here names what its data subject authorised, for: {{scope}}",
  hash: "SHA-256 of the document",
  hashHint: "64 hex digits, or reckoned here from the file; the file is not sent.",
  hashBad: "A SHA-256 has 64 hex digits.",
  fromFile: "From a file…",
  scope: "What it is for",
  scopeHint: "The purpose of the owner's grant, word for word, or the dataset's id.",
  until: "Its last day",
  untilHint: "Refused from then on, at both sides.",
  missing: "The authorisation is not whole: hash, scope, and a last day that is not over.",
  from: { one: "The same for all", file: "From columns of the file" },
  hashColumn: "Column of the SHA-256",
  untilColumn: "Column of the last day",
  columnsHint: "A day (2027-01-31), or a time with its zone.",
  require: "Only with an authorisation of the data subjects",
  requireHint:
    "Every question must then name the SHA-256 of the document, this purpose and a last day, else your node refuses it. No node checks the document itself.",
  required: "demanded",
  notRequired: "not demanded",
};

export const zh: Same<typeof en> = {
  title: "数据主体授权凭据",
  give: "填写数据主体授权凭据",
  giveHint: "只有其哈希、范围与截止日发送给对方，对方可要求必须提供；双方均记入存证。授权文件留在本方，请保存备查。",
  demanded: "{{party}} 要求每次查询都附数据主体授权凭据。",
  perQuestion: "此服务的每笔查询须附该数据主体的授权凭据，范围：{{scope}}",
  hash: "授权文件的 SHA-256",
  hashHint: "64 位十六进制，或由文件在本页计算；文件不会发送。",
  hashBad: "SHA-256 应为 64 位十六进制。",
  fromFile: "由文件计算…",
  scope: "授权范围",
  scopeHint: "与数据方授权的用途逐字一致，或填数据资产编号。",
  until: "截止日",
  untilHint: "到期后双方均拒绝。",
  missing: "授权凭据不完整：需要哈希、范围与尚未到期的截止日。",
  from: { one: "全部相同", file: "取自文件的列" },
  hashColumn: "SHA-256 所在列",
  untilColumn: "截止日所在列",
  columnsHint: "日期（2027-01-31），或带时区的时间。",
  require: "须附数据主体授权凭据",
  requireHint:
    "开启后，每次查询都须注明授权文件的 SHA-256、此用途与截止日，否则本方节点拒绝。授权文件本身不由节点核验。",
  required: "必须提供",
  notRequired: "不要求",
};
