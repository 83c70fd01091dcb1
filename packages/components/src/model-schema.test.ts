import { expect, it } from "vitest";
import { modelSchema } from "./model-schema.ts";
import { madeUp, runOne } from "./testing/tasks.ts";

interface Schema {
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema & { readonly const?: unknown }>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
}

/** Of objects: the members that a schema takes, by what `kind` says they are. */
const ofKind = ({ oneOf = [] }: Schema, kind: unknown): Schema =>
  oneOf.find(({ properties }) => properties?.kind?.const === kind)!;

it("the schema of a part is of what training leaves, at either side", async () => {
  const { guest, host } = madeUp(120);
  const tables = { bank: { "in.data": guest }, telco: { "in.data": host } };
  const inputs = { data: "in.data" };
  const kinds = {
    boosting: { component: "boosting-train", inputs, parameters: { trees: 2, depth: 2, bins: 8 } },
    shared: { component: "boosting-train", inputs, parameters: { level: "shared", trees: 1, depth: 1, bins: 4 } },
    regression: { component: "regression-train", inputs, parameters: { epochs: 1, hostTermsMin: 1, l2: 1 } },
  };
  const schema = modelSchema() as Schema;
  for (const task of Object.values(kinds)) {
    const kept = await runOne(task, tables);
    for (const party of ["bank", "telco"]) {
      const model = kept[party]!.models["task.model"] as { kind: string; part: { kind: string } };
      const whole = ofKind(schema, model.kind);
      const part = ofKind(whole.properties!.part!, model.part.kind);
      for (const [value, { properties, required, additionalProperties }] of [
        [model, whole],
        [model.part, part],
      ] as const) {
        expect(additionalProperties).toBe(false);
        expect(Object.keys(properties!)).toEqual(expect.arrayContaining(Object.keys(value)));
        expect(Object.keys(value)).toEqual(expect.arrayContaining([...required!]));
      }
    }
  }
});
