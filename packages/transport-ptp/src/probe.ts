/** Tests the path to a partner step by step, for `tombolo doctor`: what works, what does not, what to open. */
import type { ClientHttp2Session } from "node:http2";
import { fromUtf8, safeText, TomboloError } from "@tombolo/base";
import { type DialOptions, type DialStep, dial } from "./dial.ts";
import { REFUSED_REMEDY } from "./outbound.ts";
import { sever } from "./sever.ts";
import type { EastWestResponse, PartnerAddress, ProbeStep } from "./types.ts";

/** What the partner found when it dialled back; null: it holds no address of ours. */
export interface ReverseProbe {
  readonly steps: readonly ProbeStep[] | null;
}

const DONE: Readonly<Record<DialStep, string>> = {
  address: "the address may be dialled",
  tcp: "TCP connects",
  proxy: "the proxy lets the connection through",
  tls: "TLS 1.3 is up, with both certificates",
  certificate: "the certificate is the one the contract names",
};
/** Which step an error code belongs to. */
const STEP_OF: Readonly<Record<string, ProbeStep["step"]>> = {
  "transport.name": "address",
  "transport.address": "address",
  "transport.tcp": "tcp",
  "transport.proxy": "proxy",
  "transport.tls": "tls",
  "transport.certificate": "certificate",
};

/** `askBack` sends the reverse request over the session; null when this probe is the reverse one itself. */
export async function probePartner(
  partner: PartnerAddress,
  options: DialOptions,
  askBack: ((session: ClientHttp2Session) => Promise<EastWestResponse>) | null,
): Promise<readonly ProbeStep[]> {
  const steps: ProbeStep[] = [];
  const ok = (step: ProbeStep["step"], message: string): void => {
    steps.push({ step, ok: true, message, remedy: null });
  };
  let session: ClientHttp2Session | undefined;
  try {
    const opened = await dial(partner, options, (step) => ok(step, DONE[step]));
    session = opened;
    session.on("error", () => sever(opened));
    if (askBack === null) return steps;
    const answer = await askBack(session);
    if (answer.status !== 200)
      throw new TomboloError("auth.refused", `the partner's node answered ${answer.status}`, {
        remedy: REFUSED_REMEDY,
      });
    ok("application", "the partner's node answers and knows this party");
    steps.push(reverseStep(parseReverse(answer.body)));
  } catch (error) {
    const failure = TomboloError.from(error, "transport.unreachable", "the probe failed");
    const step = STEP_OF[failure.code] ?? "application";
    steps.push({ step, ok: false, message: failure.message, remedy: failure.remedy ?? "Run the probe again." });
  } finally {
    if (session !== undefined) sever(session);
  }
  return steps;
}

function parseReverse(body: Uint8Array): ReverseProbe {
  const parsed = JSON.parse(fromUtf8(body)) as { steps?: unknown };
  if (!Array.isArray(parsed.steps)) return { steps: null };
  return { steps: parsed.steps.slice(0, 10) as ProbeStep[] };
}

/** The partner's words are shown as text, within limits. */
function reverseStep({ steps }: ReverseProbe): ProbeStep {
  if (steps === null)
    return {
      step: "reverse",
      ok: true,
      message: "the partner does not dial this node: connections from here carry both directions",
      remedy: null,
    };
  const failed = steps.find((step) => step.ok !== true);
  if (failed === undefined)
    return { step: "reverse", ok: true, message: "the partner reaches this node", remedy: null };
  return {
    step: "reverse",
    ok: false,
    message: `from the partner: ${safeText(String(failed.message), "message", 500)}`,
    remedy: "Open the inbound port of this node to the partner, or let only this side dial.",
  };
}
