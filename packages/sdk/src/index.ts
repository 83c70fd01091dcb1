export * from "./client.ts";
export * from "./schema/common.ts";
export * from "./schema/data.ts";
export * from "./schema/jobs.ts";
export * from "./schema/partners.ts";
export * from "./schema/people.ts";
export * from "./schema/permissions.ts";
export * from "./schema/routes.ts";
