/** Where a partner is reached: host:port, or [v6]:port; nothing else (SECURITY.md rule 18). */
import { TomboloError } from "@tombolo/base";

const ADDRESS = /^(?:\[([0-9a-fA-F:]{2,45})\]|([A-Za-z0-9.-]{1,253})):(\d{1,5})$/;

export function hostPort(address: string): { host: string; port: number } {
  const match = ADDRESS.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65535)
    throw new TomboloError("input.address", "an address is host:port and nothing else", {
      remedy: "For example bank.example.com:7600.",
    });
  return { host: (match[1] ?? match[2])!, port };
}

export function isHostPort(address: string): boolean {
  try {
    hostPort(address);
    return true;
  } catch {
    return false;
  }
}
