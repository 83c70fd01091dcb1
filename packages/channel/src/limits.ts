/** Limits of one session. Both sides may differ; each enforces its own. */
export interface SessionLimits {
  /**
   * Payload bytes of one frame; bigger messages travel in several. Default 256 KiB, at most 1 MiB. A message of more than
   * 4096 frames needs frames of 1 KiB.
   */
  readonly frameBytes?: number;
  /** All payload bytes received in this session, on each of its lanes. Default 1 TiB. */
  readonly receivedBytesMax?: number;
}

/** Beside its first, of a session. */
export const LANES_MAX = 3;

export const FRAME_BYTES_DEFAULT = 256 * 2 ** 10;
export const FRAME_BYTES_MAX = 2 ** 20;
export const RECEIVED_BYTES_MAX_DEFAULT = 2 ** 40;

/** Each frame costs its receiver memory besides its bytes, so a long message may not come crumb by crumb. */
export const SMALL_FRAMES_MAX = 4096;
export const LONG_MESSAGE_FRAME_BYTES_MIN = 1024;
