import { safeText } from "@tombolo/base";

/** Text of several lines from a partner or a user: line breaks are allowed, other control characters are not. */
export const safeLines = (text: string, what: string, lengthMax: number): string =>
  text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => safeText(line, what, lengthMax))
    .join("\n")
    .slice(0, lengthMax);
