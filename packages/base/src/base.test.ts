import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bigintToBytes,
  bytesToBigint,
  canonicalJson,
  concat,
  equalBytes,
  fromBase64Url,
  fromHex,
  fromUtf8,
  safeText,
  seededSampling,
  systemSecrets,
  TomboloError,
  takeRows,
  takeTable,
  toBase64Url,
  toCsv,
  toHex,
} from "./index.ts";

describe("bytes", () => {
  it("go to text and back", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes);
        expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
      }),
    );
  });
  it("refuse text that is not theirs", () => {
    for (const text of ["0", "0g", " 00"]) expect(() => fromHex(text)).toThrow(TypeError);
    for (const text of ["A", "AA==", "AB", "A+B/"]) expect(() => fromBase64Url(text)).toThrow(TypeError);
  });
  it("hold integers big-endian and refuse what does not fit", () => {
    expect(bigintToBytes(258n, 3)).toEqual(Uint8Array.of(0, 1, 2));
    expect(() => bigintToBytes(256n, 1)).toThrow(RangeError);
    expect(() => bigintToBytes(-1n, 1)).toThrow(RangeError);
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
        (value) => bytesToBigint(bigintToBytes(value, 32)) === value,
      ),
    );
  });
  it("compare by content", () => {
    fc.assert(fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => equalBytes(a, b) === (toHex(a) === toHex(b))));
    expect(toHex(concat(Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3)))).toBe("010203");
  });
});

describe("canonical JSON", () => {
  // RFC 8785 section 3.2.3 sorts by UTF-16 code units; section 3.2.2.3 fixes the numbers.
  it("sorts keys by UTF-16 and writes numbers in one way", () => {
    const text = fromUtf8(
      canonicalJson({
        "\u20ac": 1e21,
        "\r": Number("333333333.33333329"),
        "1": 4.5,
        "\ufb33": 2e-3,
        "\ud83d\ude00": 1e-27,
        ö: 0,
      }),
    );
    expect(text).toBe('{"\\r":333333333.3333333,"1":4.5,"ö":0,"€":1e+21,"😀":1e-27,"\ufb33":0.002}');
  });
  it("has no text for what JSON has not", () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => canonicalJson({ value })).toThrow();
  });
});

describe("errors", () => {
  it("keep detail and cause off the public part", () => {
    const error = new TomboloError("input.csv", "a broken row", {
      detail: { row: 3, value: "secret" },
      cause: new Error("secret"),
      remedy: "Mend it.",
    });
    expect(JSON.stringify(error.toPublic())).toBe('{"code":"input.csv","message":"a broken row","remedy":"Mend it."}');
    expect(error.family).toBe("input");
    expect(TomboloError.from(error)).toBe(error);
    expect(TomboloError.from("anything").code).toBe("state.internal");
  });
});

describe("text of others", () => {
  it("is normalised", () => expect(safeText("e\u0301", "name", 10)).toBe("é"));
  it("is refused with control, ANSI or direction characters, or too long", () => {
    for (const text of ["\u001b[31m", "a\u202eb", "a\u0000", "x".repeat(11), "a\u2066b", "a\nb"]) {
      expect(() => safeText(text, "name", 10)).toThrow(TomboloError);
    }
  });
  it("cannot start a spreadsheet formula", () => {
    for (const cell of ["=1", "+1-1", "-", "@a", "\tx", "+49 170"]) expect(toCsv([[cell]])).toBe(`'${cell}\r\n`);
    expect(toCsv([["plain", "-3.5", "+1", -2, true, null, undefined]])).toBe("plain,-3.5,+1,-2,true,,\r\n");
    expect(toCsv([["x,y", '="z"'], ["a\nb"]])).toBe(`"x,y","'=""z"""\r\n"a\nb"\r\n`);
  });
});

describe("randomness", () => {
  it("of samples repeats by seed and differs by label", () => {
    const draws = (seed: number, label: string) =>
      Array.from({ length: 8 }, () => 0).map(
        (_, i, all) =>
          all.length +
          i +
          seededSampling(seed)
            .fork(label + i)
            .next(),
      );
    expect(draws(7, "split")).toEqual(draws(7, "split"));
    expect(draws(7, "split")).not.toEqual(draws(7, "rows"));
    expect(draws(7, "split")).not.toEqual(draws(8, "split"));
  });
  it("of samples is uniform enough: chi-squared over 16 cells", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        const sampling = seededSampling(seed);
        const cells = new Float64Array(16);
        for (let i = 0; i < 16_000; i++) cells[sampling.below(16)]! += 1;
        const chi = cells.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
        return chi < 60; // 15 degrees of freedom: p below 3e-7
      }),
      { numRuns: 50 },
    );
  });
  it("of secrets fills any length and never repeats", () => {
    const secrets = systemSecrets();
    expect(
      secrets
        .bytes(200_000)
        .subarray(199_000)
        .some((byte) => byte !== 0),
    ).toBe(true);
    expect(toHex(secrets.bytes(32))).not.toBe(toHex(secrets.bytes(32)));
  });
});

describe("columns", () => {
  it("give rows in the order asked, ids along", () => {
    const column = { kind: "text", name: "job", codes: Int32Array.of(0, 1, -1), categories: ["a", "b"] } as const;
    expect(takeRows(column, [2, 0])).toEqual({ ...column, codes: Int32Array.of(-1, 0) });
    const table = takeTable({ rowCount: 3, ids: ["x", "y", "z"], columns: [column] }, [1, 1]);
    expect(table.ids).toEqual(["y", "y"]);
    expect(table.rowCount).toBe(2);
  });
});
