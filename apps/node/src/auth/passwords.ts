/** argon2id with OWASP's first choice of parameters: 19 MiB, two passes, one lane. */
import { type Algorithm, hash, verify } from "@node-rs/argon2";

// The package declares a const enum, which type stripping cannot read; 2 is Argon2id.
const ARGON2ID = 2 as Algorithm.Argon2id;
const parameters = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const hashPassword = (password: string): Promise<string> => hash(password.normalize("NFC"), parameters);

/** Takes as long for an unknown user (`stored` null) as for a wrong password. */
export async function checkPassword(stored: string | null, password: string): Promise<boolean> {
  const matches = await verify(stored ?? (await decoy()), password.normalize("NFC"));
  return matches && stored !== null;
}

let decoyHash: Promise<string> | undefined;
function decoy(): Promise<string> {
  decoyHash ??= hashPassword("nobody has this password");
  return decoyHash;
}
