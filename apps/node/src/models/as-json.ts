/**
 * An exported part as one JSON document, to be read by other software; it comes back like any export. `header` and `model` are what
 * the sealed file holds line by line: written again without spaces they are its very bytes, so the same
 * signature and digest hold, however the document was laid out since.
 *
 *   { "format", "schema": JSON Schema of `model`, "header": everything that was signed, "signature", "model" }
 */
import { createReadStream } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { TomboloError } from "@tombolo/base";
import { modelSchema } from "@tombolo/components";
import { z } from "zod";
import { MAGIC } from "./transfer.ts";

const FORMAT = "tombolo-model-json/1";
/** Of a document that is read back: all of it is in memory then. */
const BYTES_MAX = 2 ** 28;

/** `line`: the header as it was signed. */
export async function* jsonParts(line: string, signature: string, file: string): AsyncGenerator<Uint8Array> {
  const schema = JSON.stringify(modelSchema());
  yield Buffer.from(
    `{"format":"${FORMAT}","schema":${schema},"header":${line},"signature":"${signature}","model":`,
    "utf8",
  );
  for await (const chunk of createReadStream(file)) yield chunk as Buffer;
  yield Buffer.from("}\n", "utf8");
}

const documentSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** For readers alone. */
  schema: z.unknown().optional(),
  header: z.record(z.string(), z.unknown()),
  signature: z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9_-]+$/),
  model: z.record(z.string(), z.unknown()),
});

/** Lays a JSON document out as a sealed file, in its place; every other file stays. Nothing is checked but its shape. Throws `input.model-file`. */
export async function sealedLayout(path: string): Promise<void> {
  const { size } = await stat(path);
  if (size > BYTES_MAX || !(await beginsWithBrace(path))) return;
  const parsed = documentSchema.safeParse(parseJson(await readFile(path, "utf8")));
  if (!parsed.success)
    throw new TomboloError("input.model-file", "the file cannot be imported: it is no model exported as JSON", {
      remedy: "Choose a file that `tombolo model export` of this party wrote.",
    });
  const { header, signature, model } = parsed.data;
  await writeFile(path, `${MAGIC}\n${JSON.stringify(header)}\n${signature}\n${JSON.stringify(model)}`, { mode: 0o600 });
}

async function beginsWithBrace(path: string): Promise<boolean> {
  for await (const chunk of createReadStream(path, { end: 4095, encoding: "utf8" }))
    return /^\s*\{/.test(chunk as string);
  return false;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
