/** The path to a partner, step by step, from both ends. */
import { TomboloError } from "@tombolo/base";
import type { DoctorReport } from "@tombolo/sdk";
import { z } from "zod";
import { callPartner } from "./calls.ts";
import { PATHS } from "./contract-messages.ts";
import { type Contract, listContracts } from "./contract-rows.ts";
import type { Services } from "./services.ts";
import type { Side } from "./side.ts";

type Step = DoctorReport["steps"][number];

export async function checkPartner({ side, network }: Services, contract: Contract): Promise<DoctorReport> {
  const steps: Step[] = [];
  const address = network.addressOf(contract);
  if (address === undefined)
    steps.push({
      step: "address",
      ok: true,
      message: "the partner dials us; nothing to dial here",
      remedy: null,
      ms: null,
    });
  else for (const step of await network.transport.probe(address)) steps.push({ ...step, ms: null });
  steps.push(await contractStep(side, contract, address !== undefined));
  return { partner: contract.party_id, ok: steps.every(({ ok }) => ok), steps };
}

/** Who cannot be dialled has to dial us: what that takes, at both ends. */
function whatTheyNeed({ config }: Side, { party_id }: Contract): string {
  const ours = config.partner.publicAddress ?? `this node's port ${config.partner.port}`;
  return `${party_id} dials this node: check that its node runs and may open outbound TCP to ${ours} (there: \`tombolo doctor\`), and that inbound TCP to port ${config.partner.port} is open here.`;
}

/** A signed request there and back: keys, clocks and contract agree. */
async function contractStep(side: Side, contract: Contract, dialled: boolean): Promise<Step> {
  const started = Date.now();
  const answer = z.object({ status: z.string() });
  try {
    if (contract.party_id === null) throw new TomboloError("state.contract", "the invite was not used yet");
    const { status } = await callPartner(side, contract.party_id, PATHS.query, { contract_id: contract.id }, answer);
    const same = status === contract.status;
    return {
      step: "contract",
      ok: same,
      message: same ? `both sides say ${status}` : `we say ${contract.status}, the partner says ${status}`,
      remedy: same ? null : "Both sides have to confirm the fingerprint.",
      ms: Date.now() - started,
    };
  } catch (error) {
    const failure = TomboloError.from(error);
    const how = failure.family === "transport" && !dialled ? whatTheyNeed(side, contract) : remedyOf(side, failure);
    return { step: "contract", ok: false, message: failure.message, remedy: how, ms: Date.now() - started };
  }
}

/** A partner that refuses says why, not what we should do about it. */
function remedyOf({ clock }: Side, { code, remedy, blame }: TomboloError): string {
  if (remedy !== undefined) return remedy;
  if (code === "auth.expired")
    return `Requests count for a minute: set both machines' clocks by NTP. The clock here says ${clock.now().toISOString()}; ask ${blame ?? "the partner"} for theirs.`;
  return `Ask ${blame ?? "the partner"}'s operator: the node there logs why it refused. Check that the contract is in force at both.`;
}

/** Every partner's path: what `doctor` prints beside the checks of the own machine. */
export async function checkPartners(services: Services): Promise<DoctorReport[]> {
  const contracts = (await listContracts(services.side)).filter(
    ({ status }) => status === "APPLIED" || status === "APPROVED",
  );
  return Promise.all(contracts.map((contract) => checkPartner(services, contract)));
}
