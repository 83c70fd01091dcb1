/** The path to a partner, step by step, from both ends. */
import { TomboloError } from "@tombolo/base";
import type { DoctorReport } from "@tombolo/sdk";
import { z } from "zod";
import { callPartner } from "./calls.ts";
import { type Contract, listContracts } from "./contract-rows.ts";
import { PATHS } from "./contracts.ts";
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
  steps.push(await contractStep(side, contract));
  return { partner: contract.party_id, ok: steps.every(({ ok }) => ok), steps };
}

/** A signed request there and back: keys, clocks and contract agree. */
async function contractStep(side: Side, contract: Contract): Promise<Step> {
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
    const { message, remedy } = TomboloError.from(error);
    return { step: "contract", ok: false, message, remedy: remedy ?? null, ms: Date.now() - started };
  }
}

/** Every partner's path: what `doctor` prints beside the checks of the own machine. */
export async function checkPartners(services: Services): Promise<DoctorReport[]> {
  const contracts = (await listContracts(services.side)).filter(
    ({ status }) => status === "APPLIED" || status === "APPROVED",
  );
  return Promise.all(contracts.map((contract) => checkPartner(services, contract)));
}
