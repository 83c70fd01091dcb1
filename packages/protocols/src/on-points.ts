import { TomboloError } from "@tombolo/base";

/**
 * Runs a group operation on a peer's points: one that is none is the peer's fault, and its place in the whole stream
 * is private. Without a place: all came at once.
 */
export async function onPoints<T>(
  stage: string,
  party: string,
  at: number | undefined,
  operate: () => Promise<T>,
): Promise<T> {
  try {
    return await operate();
  } catch (error) {
    if (!(error instanceof TomboloError) || error.code !== "protocol.point") throw error;
    throw new TomboloError("protocol.point", "the partner sent a value that is not a group element", {
      stage,
      blame: party,
      detail: { ...(at === undefined ? {} : { chunkStartsAt: at }), kernel: error.message },
    });
  }
}
