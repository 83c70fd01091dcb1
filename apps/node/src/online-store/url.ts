/** Which store a URL names. */
export type OnlineStoreKind = "postgresql" | "redis";

export function onlineStoreKind(url: string): OnlineStoreKind | null {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname } = new URL(url);
  if (hostname === "") return null;
  if (protocol === "postgres:" || protocol === "postgresql:") return "postgresql";
  return protocol === "redis:" || protocol === "rediss:" ? "redis" : null;
}

export const isOnlineStoreUrl = (url: string): boolean => onlineStoreKind(url) !== null;
