/**
 * What the scheduler knows of a component: its declaration, never its code. Structural, so that this package needs no
 * component; every definition of packages/components fits.
 */
import type { z } from "zod";
import type { Problem } from "./problem.ts";

export interface PortInfo {
  readonly kind: "table" | "model" | "report";
  readonly optional: boolean;
  /** Roles that have it; null: every participant. */
  readonly roles: readonly string[] | null;
  /**
   * Of an input: its rows must be in the joint order of all participants, when there are several.
   * Of an output: "made" puts the participants' rows into a joint order, "kept" is as the inputs are.
   */
  readonly aligned: "required" | "made" | "kept" | null;
  /** Of a model: its kind; null: of any. */
  readonly holds?: string | null;
}

export interface ComponentInfo {
  readonly name: string;
  readonly version: string;
  readonly roles: Readonly<Record<string, { readonly min: number; readonly max: number | null }>>;
  readonly parameters: z.ZodType;
  readonly partyParameters: z.ZodType;
  readonly inputs: Readonly<Record<string, PortInfo>>;
  readonly outputs: Readonly<Record<string, PortInfo>>;
  /** Where parameters decide who has an output and whether its rows are aligned; absent: `outputs` for all. */
  outputsFor?(parameters: unknown): Readonly<Record<string, PortInfo>>;
  /** Parameters that each are as they may be and do not go together, or not with who takes part. */
  faults?(context: {
    readonly parameters: unknown;
    readonly participants: readonly { readonly party: string; readonly role: string }[];
    /** Without what the flow leaves out. */
    readonly written: Readonly<Record<string, unknown>>;
    /** Ports that something goes into. */
    readonly inputs: readonly string[];
  }): readonly ({ readonly parameter: string } & Omit<Problem, "path">)[];
  /** The dataset a party's part reads, with the columns; absent for components that read none. */
  reads?(partyParameters: unknown): DatasetUse;
  /** A flow has at most one task of it over a party's dataset; of some components by their parameters. */
  oncePerDataset?(parameters: unknown): boolean;
}

/** One party's use of one of its own datasets. */
export interface DatasetUse {
  readonly datasetId: string;
  /** Every column read: keys, label and features. */
  readonly columns: readonly string[];
}

export type ComponentLookup = (name: string) => ComponentInfo | undefined;

/** A task's own, by its parameters; those of the component while they are not right yet. */
export function outputsOf(
  component: ComponentInfo,
  { parameters }: { readonly parameters: unknown },
): Readonly<Record<string, PortInfo>> {
  const parsed = component.outputsFor === undefined ? undefined : component.parameters.safeParse(parameters);
  return parsed?.success === true ? component.outputsFor!(parsed.data) : component.outputs;
}
