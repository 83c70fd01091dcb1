export * from "./at-windows.ts";
export * from "./cost-meter.ts";
export * from "./run-world.ts";
export * from "./seeded-secrets.ts";
export * from "./tamper-every.ts";
