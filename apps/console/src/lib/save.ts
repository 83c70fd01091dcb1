/** A file that the browser saves. */
export function saveText(
  name: string,
  type: "text/csv" | "application/json" | "application/xml" | "application/yaml",
  text: string,
): void {
  const url = URL.createObjectURL(
    new Blob([type === "text/csv" ? asUtf8(text) : text], { type: `${type};charset=utf-8` }),
  );
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** With the mark by which spreadsheets know it. */
const asUtf8 = (text: string): string => `\uFEFF${text}`;
