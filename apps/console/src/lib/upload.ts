import { ApiCallError, type Dataset, dataset, routes } from "@tombolo/sdk";
import { csrfToken } from "./client.ts";

export interface UploadQuery {
  readonly name: string;
  readonly filename: string;
  readonly id?: string;
  readonly label?: string;
}

function answer(request: XMLHttpRequest): Dataset {
  const body: unknown = JSON.parse(request.responseText || "{}");
  if (request.status >= 200 && request.status < 300) return dataset.parse(body);
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : {};
  throw new ApiCallError(request.status, error as Record<string, unknown>);
}

/** The upload route by XMLHttpRequest, because fetch does not tell how much has been sent. */
export function upload(
  file: File,
  query: UploadQuery,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<Dataset> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(routes.uploadDataset.method, `${routes.uploadDataset.path}?${new URLSearchParams({ ...query })}`);
    const parquet = file.name.toLowerCase().endsWith(".parquet");
    request.setRequestHeader("content-type", parquet ? "application/vnd.apache.parquet" : "text/csv");
    request.setRequestHeader("accept", "application/json");
    const csrf = csrfToken();
    if (csrf !== undefined) request.setRequestHeader("x-csrf-protection", csrf);
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      try {
        resolve(answer(request));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = () => reject(new TypeError("the node did not answer"));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}

const HEAD_BYTES = 65_536;

/** Column names of a CSV's first line; empty when it cannot be told (Parquet is read by the node). */
export async function headerOf(file: File): Promise<string[]> {
  if (!/\.(csv|tsv|txt)$/i.test(file.name)) return [];
  const head = await file.slice(0, HEAD_BYTES).text();
  return splitHeader(head.replace(/^\uFEFF/, "").split(/\r?\n/, 1)[0] ?? "");
}

export function splitHeader(line: string): string[] {
  const delimiter = ["\t", ";", ","].find((each) => line.includes(each)) ?? ",";
  const names: string[] = [];
  let name = "";
  let quoted = false;
  for (const letter of line) {
    if (letter === '"') quoted = !quoted;
    else if (letter === delimiter && !quoted) {
      names.push(name);
      name = "";
    } else name += letter;
  }
  return [...names, name].map((each) => each.trim()).filter((each) => each !== "");
}

const ID_LIKE = /(^|_)(id|phone|mobile|msisdn|customer|user|uid|idcard|card_?no)$/i;
const LABEL_LIKE = /^(label|y|target|default|defaulted|churn|churned|bad|fraud)$/i;

/** Sensible defaults; the person confirms them. */
export const guessId = (names: readonly string[]): string | undefined => names.find((name) => ID_LIKE.test(name));
export const guessLabel = (names: readonly string[]): string | undefined => names.find((name) => LABEL_LIKE.test(name));
