import { describe } from "vitest";
import { storeSuite } from "../testing/store-suite.ts";
import { testContext } from "../testing/test-context.ts";

describe("store on PGlite", () => {
  storeSuite(() => testContext());
});
