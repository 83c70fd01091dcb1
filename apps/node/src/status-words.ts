/** Chinese for the states that entries of the journal name; English readers know them as they are. */
const WORDS: Readonly<Record<string, string>> = {
  SUCCESS: "完成",
  FAILED: "失败",
  CANCELLED: "已取消",
  APPROVED: "同意",
  REJECTED: "拒绝",
  REQUESTED: "已申请",
  ACTIVE: "有效",
  EXPIRED: "已过期",
  USED_UP: "已用尽",
  REVOKED: "已撤销",
  WITHDRAWN: "已撤回",
};

export const inChinese = (status: string): string => WORDS[status] ?? status;
