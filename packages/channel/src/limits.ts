/** Limits of one session. Both sides may differ; each enforces its own. */
export interface SessionLimits {
  /** Payload bytes of one frame; bigger messages travel in several. Default 256 KiB, at most 1 MiB. */
  readonly frameBytes?: number;
  /** All payload bytes received in this session. Default 1 TiB. */
  readonly receivedBytesMax?: number;
}

export const FRAME_BYTES_DEFAULT = 256 * 2 ** 10;
export const FRAME_BYTES_MAX = 2 ** 20;
export const RECEIVED_BYTES_MAX_DEFAULT = 2 ** 40;
