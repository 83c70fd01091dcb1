/** Contracts, invites, the path to a partner, what it published. */
import type { DoctorReport } from "@tombolo/sdk";
import { partnerDatasets } from "../partner/catalogue.ts";
import * as rows from "../partner/contract-rows.ts";
import * as contracts from "../partner/contracts.ts";
import { checkPartner } from "../partner/doctor.ts";
import type { Services } from "../partner/services.ts";
import type { Handlers } from "./handlers.ts";

type Names =
  | "listPartners"
  | "invitePartner"
  | "acceptInvite"
  | "confirmPartner"
  | "terminatePartner"
  | "checkPartner"
  | "partnerDatasets";

export const partnersApi = (services: Services): Handlers<Names> => {
  const { side } = services;
  return {
    listPartners: async () => ({
      items: (await rows.listContracts(side))
        .filter((each) => !rows.isSpentInvite(side, each))
        .map((each) => rows.contractView(side, each)),
    }),
    invitePartner: ({ body, actor }) => contracts.makeInvite(side, actor, body),
    acceptInvite: async ({ body, actor }) => rows.contractView(side, await contracts.acceptInvite(side, actor, body)),
    confirmPartner: async ({ params, body, actor }) =>
      rows.contractView(side, await contracts.confirmContract(side, actor, params.id, body.fingerprint)),
    terminatePartner: async ({ params, body, actor }) =>
      rows.contractView(side, await contracts.terminateContract(side, actor, params.id, body.reason)),
    checkPartner: async ({ params }): Promise<DoctorReport> =>
      checkPartner(services, await rows.contractById(side, params.id)),
    partnerDatasets: async ({ params }) => {
      const { party_id: party } = await rows.contractById(side, params.id);
      return { items: party === null ? [] : await partnerDatasets(side, party) };
    },
  };
};
