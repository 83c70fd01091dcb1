/** The components this node runs: everything packages/components exports that is one. */

import type { Component } from "@tombolo/components";
import * as exported from "@tombolo/components";

export const allComponents: readonly Component[] = Object.values(exported as Record<string, unknown>).filter(
  isComponent,
);

export const findComponent = (name: string): Component | undefined => allComponents.find((each) => each.name === name);

function isComponent(value: unknown): value is Component {
  return typeof value === "object" && value !== null && "run" in value && "discloses" in value;
}
