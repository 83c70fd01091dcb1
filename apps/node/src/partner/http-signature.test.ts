import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { utf8 } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import { contentDigest, type HttpMessage, signatureBase, signMessage, verifyMessage } from "./http-signature.ts";

// RFC 9421 appendix B.1.4 and B.2.6; RFC 9530 appendix D.
const PRIVATE = createPrivateKey(
  "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n-----END PRIVATE KEY-----\n",
);
const PUBLIC = createPublicKey(
  "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----\n",
);
const B26 = {
  date: "Tue, 20 Apr 2021 02:07:55 GMT",
  "@method": "POST",
  "@path": "/foo",
  "@authority": "example.com",
  "content-type": "application/json",
  "content-length": "18",
};
const B26_INPUT =
  '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"';
const B26_SIGNATURE = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";

describe("known answers", () => {
  it("makes the signature of RFC 9421 B.2.6", () => {
    const base = signatureBase(Object.keys(B26), B26_INPUT, (name) => B26[name as keyof typeof B26]);
    expect(sign(null, utf8(base), PRIVATE).toString("base64")).toBe(B26_SIGNATURE);
    expect(verify(null, utf8(base), PUBLIC, Buffer.from(B26_SIGNATURE, "base64"))).toBe(true);
  });

  it("makes the content digest of RFC 9530", () => {
    expect(contentDigest(utf8('{"hello": "world"}\n'))).toBe("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
  });
});

const NOW = 1_800_000_000;
const PARAMETERS = { created: NOW, expires: NOW + 60, nonce: "0123456789abcdefABCDEF", keyid: "bank" };

function signed(parameters: Partial<typeof PARAMETERS> = {}, key = PRIVATE): HttpMessage {
  const message: HttpMessage = {
    method: "POST",
    targetUri: "ptp://telco/v1/interconn/schedule/task/start",
    headers: { "content-type": "application/json", "x-ptp-trace-id": "t1", "x-ptp-source-node-id": "bank" },
    body: utf8('{"task":"match"}'),
  };
  return {
    ...message,
    headers: { ...message.headers, ...signMessage(message, key, { ...PARAMETERS, ...parameters }) },
  };
}

const check = (message: HttpMessage, now = NOW) =>
  verifyMessage(message, { now, keyOf: (id) => (id === "bank" ? PUBLIC : undefined) });
const withHeader = (message: HttpMessage, name: string, value: string): HttpMessage => ({
  ...message,
  headers: { ...message.headers, [name]: value },
});

describe("a signed request", () => {
  it("verifies as it was sent, within the clock skew", () => {
    expect(check(signed()).nonce).toBe(PARAMETERS.nonce);
    expect(check(signed(), NOW - 30).keyid).toBe("bank");
    expect(check(signed(), NOW + 60).keyid).toBe("bank");
  });

  const message = signed();
  const altered: [string, HttpMessage, string][] = [
    ["another method", { ...message, method: "PUT" }, "auth.bad-signature"],
    ["another path", { ...message, targetUri: `${message.targetUri}x` }, "auth.bad-signature"],
    ["another receiver", { ...message, targetUri: message.targetUri.replace("telco", "other") }, "auth.bad-signature"],
    ["another body", { ...message, body: utf8('{"task":"train"}') }, "auth.bad-digest"],
    ["another content type", withHeader(message, "content-type", "text/plain"), "auth.bad-signature"],
    ["an altered x-ptp header", withHeader(message, "x-ptp-trace-id", "t2"), "auth.bad-signature"],
    ["an added x-ptp header", withHeader(message, "x-ptp-token", "t"), "auth.not-covered"],
    ["no signature", withHeader(message, "signature", ""), "auth.unsigned"],
    [
      "another algorithm",
      withHeader(message, "signature-input", message.headers["signature-input"]!.replace("ed25519", "hmac-sha256")),
      "auth.unsigned",
    ],
    [
      "a later expiry",
      withHeader(message, "signature-input", message.headers["signature-input"]!.replace(`${NOW + 60}`, `${NOW + 59}`)),
      "auth.bad-signature",
    ],
    ["an unknown key id", signed({ keyid: "other" }), "auth.unknown-key"],
    ["a longer life than allowed", signed({ expires: NOW + 61 }), "auth.lifetime"],
  ];
  it.each(altered)("is refused with %s", (_, request, code) => {
    expect(() => check(request)).toThrow(expect.objectContaining({ code }));
  });

  it("is refused with another's key", () => {
    const other = generateKeyPairSync("ed25519").privateKey;
    expect(() => check(signed({}, other))).toThrow(expect.objectContaining({ code: "auth.bad-signature" }));
  });

  it("is refused before and after its time", () => {
    expect(() => check(signed(), NOW + 61)).toThrow(expect.objectContaining({ code: "auth.expired" }));
    expect(() => check(signed(), NOW - 31)).toThrow(expect.objectContaining({ code: "auth.expired" }));
  });
});
