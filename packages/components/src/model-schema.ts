/** What the file of a model's part holds, as JSON Schema: for who reads an export outside of this software. */
import { z } from "zod";
import { storedSchema as boosting } from "./boosting-train/model.ts";
import { storedSchema as regression } from "./regression-train/model.ts";

export const modelSchema = (): object => ({
  title: "A party's part of a model",
  description:
    "The member `model` of an export as JSON. Parts of boosted trees and of regressions, of the guest (labels) or of a host. Nodes of a tree are numbered as in a heap: the root is 1, the children of n are 2n (left) and 2n + 1.",
  ...z.toJSONSchema(z.discriminatedUnion("kind", [boosting, regression]), { io: "input" }),
});
