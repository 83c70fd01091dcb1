import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { differences } from "./differences.ts";
import { type ConsentDocument, consentHash } from "./document.ts";

const DOCUMENT: ConsentDocument = {
  version: 1,
  jobId: "job-1",
  name: "Joint credit model",
  projectId: "project-1",
  initiator: "bank",
  parties: [
    { party: "bank", role: "guest", signingKey: "aa", certificate: "bb" },
    { party: "telco", role: "host", signingKey: "cc", certificate: "dd" },
  ],
  receivers: ["bank", "telco"],
  flow: { version: "1", tasks: { match: { component: "psi" } } },
  datasets: [
    { party: "telco", task: "read", datasetId: "d", snapshot: "s", columns: ["a"], grantId: "g", filter: null },
  ],
  components: [{ task: "match", component: "psi", version: "1.0.0", protocol: "psi/ecdh", messages: "ee" }],
  models: [],
  suite: "international-1",
  disclosure: [
    {
      task: "match",
      component: "psi",
      recipient: "bank",
      about: "telco",
      kind: "matched-rows",
      text: { en: "", zh: "" },
    },
  ],
  nonce: "n",
  expiresAt: "2026-12-01T00:00:00.000Z",
};

describe("consentHash", () => {
  it("is SHA-256 over the label, a zero byte and the canonical JSON", () => {
    const sorted = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(sorted)
        : value !== null && typeof value === "object"
          ? Object.fromEntries(
              Object.entries(value)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([key, each]) => [key, sorted(each)]),
            )
          : value;
    const text = `tombolo/consent/v1\0${JSON.stringify(sorted(DOCUMENT))}`;
    expect(consentHash(DOCUMENT)).toBe(createHash("sha256").update(text).digest("hex"));
  });

  it.each(Object.keys(DOCUMENT).filter((key) => key !== "version"))("changes with %s", (key) => {
    const value = DOCUMENT[key as keyof ConsentDocument];
    const changed = { ...DOCUMENT, [key]: Array.isArray(value) ? [...value, "x"] : key === "flow" ? {} : `${value}x` };
    expect(consentHash(changed as ConsentDocument)).not.toBe(consentHash(DOCUMENT));
  });
});

describe("differences", () => {
  it("names the paths that differ", () => {
    expect(differences({ a: 1, b: [{ c: 2 }] }, { a: 1, b: [{ c: 3 }, { c: 4 }], d: [1] })).toEqual([
      { path: "b[0].c", before: 2, after: 3 },
      { path: "b[1]", before: null, after: { c: 4 } },
      { path: "d", before: null, after: [1] },
    ]);
    expect(differences(DOCUMENT.flow, DOCUMENT.flow)).toEqual([]);
  });
});
