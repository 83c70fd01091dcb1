export * from "./address-guard.ts";
export * from "./certificate.ts";
export { APPLY_PATH } from "./ptp-headers.ts";
export { connectRunnerLink } from "./runner-link.ts";
export { type RunnerSocket, refuseRunner, serveRunnerSocket } from "./runner-socket.ts";
export { createPtpTransport } from "./transport.ts";
export * from "./types.ts";
