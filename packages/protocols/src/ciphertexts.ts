/** Errors of ciphertexts that a partner sent. */
import { TomboloError } from "@tombolo/base";

export const wrongCount = (party: string): TomboloError =>
  new TomboloError("protocol.count", "the partner sent another number of ciphertexts than agreed", { blame: party });

/** What does not decode is the partner's doing. */
export async function blaming<T>(party: string, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    if (!(error instanceof TomboloError)) throw error;
    throw new TomboloError(error.code, error.message, { blame: party, cause: error });
  }
}
