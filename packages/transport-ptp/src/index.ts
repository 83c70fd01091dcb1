/** The node's side; a runner's is `@tombolo/transport-ptp/runner`, which loads no certificates: it starts for every task. */
export * from "./address-guard.ts";
export * from "./certificate.ts";
export { APPLY_PATH } from "./ptp-headers.ts";
export { type RunnerSocket, refuseRunner, serveRunnerSocket } from "./runner-socket.ts";
export { createPtpTransport } from "./transport.ts";
export * from "./types.ts";
