/** Both of a party's components, as circuits take them. */
import { concat } from "@tombolo/base";
import type { PlaneOperations } from "../circuits.ts";
import { xorBytes } from "../two-party/packed.ts";
import type { Two } from "./shares.ts";

export type Planes = Two<Uint8Array>;

export const planeOperations: PlaneOperations<Planes> = {
  xor: (x, y) => ({ own: xorBytes(x.own, y.own), next: xorBytes(x.next, y.next) }),
  cut: (x, from, to) => ({ own: x.own.subarray(from, to), next: x.next.subarray(from, to) }),
  join: (parts) => ({ own: concat(...parts.map(({ own }) => own)), next: concat(...parts.map(({ next }) => next)) }),
  zeros: (length) => ({ own: new Uint8Array(length), next: new Uint8Array(length) }),
};
