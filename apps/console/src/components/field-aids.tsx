/** What a form of parameters may know besides their schema: columns and tables to choose from, faults, what the node makes of gaps. */
import type { Problem } from "@tombolo/sdk";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import type { Values } from "./parameter-schema.ts";

export interface FieldAids {
  /** Names to suggest where a column is wanted. */
  readonly columns: readonly string[];
  /** Of the party whose fields these are; undefined: not known here. */
  readonly datasets: readonly { readonly id: string; readonly name: string }[] | undefined;
  /** What fields left out come to. */
  readonly resolved: Values;
  /** By the field's path below the form, as "normalise.case". */
  faultsAt(path: string): readonly Problem[];
}

const none: FieldAids = { columns: [], datasets: undefined, resolved: {}, faultsAt: () => [] };
const Context = createContext<FieldAids>(none);
export const useFieldAids = (): FieldAids => useContext(Context);

export function AidedFields({ children, ...aids }: Partial<FieldAids> & { readonly children: ReactNode }) {
  return <Context value={{ ...none, ...aids }}>{children}</Context>;
}

/** For the fields of a group or list item: paths go on from its own. */
export function NestedFields({ path, children }: { readonly path: string; readonly children: ReactNode }) {
  const outer = useFieldAids();
  const inner = useMemo(
    () => ({ ...outer, resolved: {}, faultsAt: (below: string) => outer.faultsAt(`${path}.${below}`) }),
    [outer, path],
  );
  return <Context value={inner}>{children}</Context>;
}
