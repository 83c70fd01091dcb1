/** Small tables as text, read in the browser. What is for the node to import is sent as it is. */

const DELIMITERS = ["\t", ";", ","] as const;

/** Of the first line: what parts it most often outside quotes; a comma where nothing does. */
export function delimiterOf(text: string): string {
  const line = text.split(/\r?\n/, 1)[0]!.replace(/"[^"]*"/g, "");
  const counts = DELIMITERS.map((each) => [line.split(each).length, each] as const);
  return counts.reduce((best, each) => (each[0] > best[0] ? each : best), [1, ","] as const)[1];
}

/** Lines of cells, trimmed; empty lines are left out. Quoted cells may hold delimiters, quotes doubled, and newlines. */
export function parseCsv(source: string): string[][] {
  const text = source.replace(/^\uFEFF/, "");
  const delimiter = delimiterOf(text);
  const lines: string[][] = [];
  let line: string[] = [];
  let cell = "";
  let quoted = false;
  const endLine = (): void => {
    line.push(cell.trim());
    if (line.some((each) => each !== "")) lines.push(line);
    line = [];
    cell = "";
  };
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[i + 1] === '"') cell += text[i++]!;
      else quoted = false;
    } else if (letter === '"' && cell.trim() === "") {
      quoted = true;
      cell = "";
    } else if (letter === delimiter) {
      line.push(cell.trim());
      cell = "";
    } else if (letter === "\n") endLine();
    else if (letter !== "\r") cell += letter;
  }
  endLine();
  return lines;
}
