import { describe, expect, it } from "vitest";
import { pairFingerprint, sameDigits } from "./fingerprint.ts";
import { type InviteContent, inviteLine, parseInviteLine } from "./invite.ts";

const NOW = new Date("2026-11-21T00:00:00Z");
const CONTENT: InviteContent = {
  contract: "contract-1",
  party: "bank",
  name: "Bank 银行",
  address: "bank.example:7600",
  signingKey: "ab".repeat(32),
  certificate: "cd".repeat(32),
  suite: "international-1",
  secret: "s".repeat(43),
  expires: "2026-11-22T00:00:00.000Z",
};

describe("invite line", () => {
  it("comes back as it was made", () => {
    const line = inviteLine(CONTENT);
    expect(line).toMatch(/^tombolo1:[A-Za-z0-9_-]+$/);
    expect(parseInviteLine(` ${line}\n`, NOW)).toEqual(CONTENT);
  });

  it.each([
    ["something else", "hello"],
    ["a cut line", inviteLine(CONTENT).slice(0, -5)],
    ["a line with more in it", inviteLine({ ...CONTENT, extra: 1 } as InviteContent)],
    ["a line with a short key", inviteLine({ ...CONTENT, signingKey: "ab" })],
    ["an expired line", inviteLine({ ...CONTENT, expires: "2026-11-20T00:00:00.000Z" })],
    ["a line beyond the limit", `tombolo1:${"A".repeat(5000)}`],
  ])("refuses %s", (_, line) => {
    expect(() => parseInviteLine(line, NOW)).toThrow(expect.objectContaining({ code: "input.invite" }));
  });
});

describe("fingerprint", () => {
  const bank = { partyId: "bank", signingKey: "11".repeat(32), certificate: "22".repeat(32) };
  const telco = { partyId: "telco", signingKey: "33".repeat(32), certificate: "44".repeat(32) };

  it("is the same from both sides, and another for any other key", () => {
    const fingerprint = pairFingerprint(bank, telco);
    expect(fingerprint).toMatch(/^\d{5}( \d{5}){7}$/);
    expect(pairFingerprint(telco, bank)).toBe(fingerprint);
    expect(pairFingerprint({ ...bank, certificate: "23".repeat(32) }, telco)).not.toBe(fingerprint);
    expect(pairFingerprint(bank, { ...telco, signingKey: "34".repeat(32) })).not.toBe(fingerprint);
    expect(pairFingerprint({ ...bank, partyId: "bank2" }, telco)).not.toBe(fingerprint);
  });

  it("is compared without regard to separators", () => {
    const fingerprint = pairFingerprint(bank, telco);
    expect(sameDigits(fingerprint.replaceAll(" ", "-"), fingerprint)).toBe(true);
    expect(sameDigits(fingerprint.slice(0, -1), fingerprint)).toBe(false);
  });
});
