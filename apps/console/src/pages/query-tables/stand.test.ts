import type { QueryTable } from "@tombolo/sdk";
import { expect, test } from "vitest";
import { stepsOf } from "./stand.ts";

const table = (status: string, catalogue?: [string, number], service?: string) =>
  ({
    grant: { status },
    catalogue: catalogue === undefined ? null : { jobId: "c", status: catalogue[0], versions: catalogue[1] },
    service: service === undefined ? null : { jobId: "s", status: service },
  }) as unknown as QueryTable;
const said = (...given: Parameters<typeof table>) => stepsOf(table(...given)).map(({ is, tone }) => `${is} ${tone}`);

test("each step waits for the one before, and then for whom it is up to", () => {
  expect(said("REQUESTED")).toEqual(["grant wait", "not-yet idle", "not-yet idle"]);
  expect(said("ACTIVE")).toEqual(["grant ok", "theirs wait", "not-yet idle"]);
  expect(said("ACTIVE", ["PENDING", 0])).toEqual(["grant ok", "consent wait", "not-yet idle"]);
  expect(said("ACTIVE", ["RUNNING", 0])).toEqual(["grant ok", "running run", "not-yet idle"]);
  expect(said("ACTIVE", ["SUCCESS", 1])).toEqual(["grant ok", "done ok", "theirs wait"]);
  expect(said("ACTIVE", ["SUCCESS", 1], "PENDING")).toEqual(["grant ok", "done ok", "consent wait"]);
  expect(said("ACTIVE", ["SUCCESS", 1], "RUNNING")).toEqual(["grant ok", "done ok", "running ok"]);
});

test("what failed or ended says so; a refresh that failed leaves the version before", () => {
  expect(said("REJECTED")).toEqual(["grant bad", "not-yet idle", "not-yet idle"]);
  expect(said("ACTIVE", ["FAILED", 0])).toEqual(["grant ok", "failed bad", "not-yet idle"]);
  expect(said("ACTIVE", ["FAILED", 2])).toEqual(["grant ok", "done ok", "theirs wait"]);
  expect(said("REVOKED", ["SUCCESS", 1], "FAILED")).toEqual(["grant bad", "done ok", "failed bad"]);
  expect(said("REVOKED", ["SUCCESS", 1])).toEqual(["grant bad", "done ok", "not-yet idle"]);
  expect(said("ACTIVE", ["SUCCESS", 1], "SUCCESS")).toEqual(["grant ok", "done ok", "over idle"]);
});
