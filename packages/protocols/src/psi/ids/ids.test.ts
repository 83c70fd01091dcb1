import { fromUtf8, TomboloError } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultIdRules, encodeIds, type IdRules, normaliseId, type PhoneRules, strictIdPolicy } from "./index.ts";

const rules = (change: Partial<IdRules>): IdRules => ({ ...defaultIdRules, ...change });
const china: PhoneRules = { format: "international", countryCode: "86", nationalLength: 11 };
const phone = (value: string, change: Partial<PhoneRules> = {}): string =>
  normaliseId(value, rules({ phone: { ...china, ...change } }));

function texts(encoded: ReturnType<typeof encodeIds>): string[] {
  return Array.from(encoded.rows, (_, i) =>
    fromUtf8(encoded.messages.subarray(encoded.offsets[i]!, encoded.offsets[i + 1]!)),
  );
}

function thrown(run: () => unknown): TomboloError {
  try {
    run();
  } catch (error) {
    if (error instanceof TomboloError) return error;
  }
  throw new Error("no TomboloError was thrown");
}

describe("normalised ids", () => {
  it("trim, change case and compose as the rules say", () => {
    expect(normaliseId(" Ab ", rules({}))).toBe("Ab");
    expect(normaliseId(" Ab ", rules({ trim: false }))).toBe(" Ab ");
    expect(normaliseId("Ab", rules({ case: "lower" }))).toBe("ab");
    expect(normaliseId("straße", rules({ case: "upper" }))).toBe("STRASSE");
    expect(normaliseId("e\u0301", rules({}))).toBe("é");
    expect(normaliseId("e\u0301", rules({ form: "none" }))).toBe("e\u0301");
    expect(normaliseId("ＡＢ１２", rules({ form: "NFKC" }))).toBe("AB12");
    expect(normaliseId("身份证３", rules({}))).toBe("身份证３");
  });

  it("read phone numbers however they are written", () => {
    for (const written of [
      "13800138000",
      "+86 138-0013-8000",
      "0086 (138) 0013 8000",
      "8613800138000",
      "１３８００１３８０００",
    ])
      expect(phone(written), written).toBe("8613800138000");
    expect(phone("010 6552 9988")).toBe("861065529988");
    expect(phone("+1 202 555 0143")).toBe("12025550143");
    expect(phone("8613800138000", { nationalLength: null })).toBe("868613800138000");
    expect(phone("+86 138", { format: "digits" })).toBe("86138");
    for (const unusable of ["", "ext. 5", "138x", "1".repeat(21), "+"]) expect(phone(unusable), unusable).toBe("");
  });

  it("have nothing usable in broken or endless text", () => {
    expect(normaliseId("a\ud800", rules({}))).toBe("");
    expect(normaliseId("a".repeat(1025), rules({}))).toBe("");
    expect(normaliseId("\u3000 \t", rules({}))).toBe("");
  });

  it("refuse phone rules without a country code", () => {
    const bad = rules({ phone: { ...china, countryCode: "+86" } });
    expect(thrown(() => encodeIds([{ column: ["1"], rules: bad }], strictIdPolicy)).code).toBe("input.phone-rules");
  });
});

describe("encoded ids", () => {
  const keys = (...columns: string[][]) => columns.map((column) => ({ column, rules: defaultIdRules }));

  it("keep several columns apart", () => {
    expect(texts(encodeIds(keys(["ab", "a"], ["c", "bc"]), strictIdPolicy))).toEqual(["2:ab1:c", "1:a2:bc"]);
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 3 }), fc.array(fc.string()), (a, b) => {
        fc.pre(a.length === b.length && a.some((field, i) => field !== b[i]) && [...a, ...b].every((f) => f !== ""));
        const verbatim = rules({ trim: false, form: "none" });
        const columns = a.map((field, i) => ({ column: [field, b[i]!], rules: verbatim }));
        expect(encodeIds(columns, strictIdPolicy).rows.length).toBe(2);
      }),
    );
  });

  it("name the rows of duplicates and empty ids to their owner only", () => {
    const error = thrown(() => encodeIds(keys(["a", "b", "a ", "a"]), strictIdPolicy));
    expect(error.code).toBe("input.duplicate-id");
    expect(error.detail).toEqual({ rowNumbers: [3, 4], rowCount: 2 });
    expect(JSON.stringify(error.toPublic())).not.toMatch(/[34]/);
    const empty = thrown(() => encodeIds(keys(["a", "b"], ["x", " "]), strictIdPolicy));
    expect([empty.code, empty.detail]).toEqual(["input.empty-id", { rowNumbers: [2], rowCount: 1 }]);
  });

  it("drop them when asked, keeping the first of each id", () => {
    const encoded = encodeIds(keys(["", "b", "a", "b", "a"]), { duplicates: "remove", empty: "remove" });
    expect(texts(encoded)).toEqual(["1:b", "1:a"]);
    expect([...encoded.rows]).toEqual([1, 2]);
    expect(encoded.removed).toEqual({ empty: 1, duplicates: 2 });
  });

  it("read dictionary and whole-number columns", () => {
    const text = { kind: "text", name: "id", codes: Int32Array.of(1, -1, 0), categories: ["A", "B "] } as const;
    const removing = { duplicates: "refuse", empty: "remove" } as const;
    expect(texts(encodeIds([{ column: text, rules: rules({ case: "lower" }) }], removing))).toEqual(["1:b", "1:a"]);
    const numbers = { kind: "number", name: "id", values: Float64Array.of(7, Number.NaN, -12) } as const;
    expect(texts(encodeIds([{ column: numbers, rules: defaultIdRules }], removing))).toEqual(["1:7", "3:-12"]);
    const halves = { kind: "number", name: "id", values: Float64Array.of(0.5) } as const;
    expect(thrown(() => encodeIds([{ column: halves, rules: defaultIdRules }], removing)).code).toBe("input.id-number");
  });

  it("need columns of one length", () => {
    expect(thrown(() => encodeIds([], strictIdPolicy)).code).toBe("input.id-columns");
    expect(thrown(() => encodeIds(keys(["a"], []), strictIdPolicy)).code).toBe("input.id-columns");
  });
});
