/**
 * A regression of several classes as serving has it (../serving.ts): of each row a host says as many totals as tell probabilities
 * (predict.ts), rounded as prediction rounds them, in eight bytes each. Learns: guest - those totals for each id it asks about.
 */
import type { AnswerForm, HostForm } from "../../serving/form.ts";
import type { HostAnswer } from "../../serving/guest.ts";
import { classFamilyOf } from "../families/index.ts";
import { contributions, type FlatPart, flatPart, sumOf } from "../flat.ts";
import type { GuestClassModel, HostClassModel } from "./model.ts";

const TOTAL_BYTES = 8;

/** A part for each class; all have the same columns. */
export const flatClasses = ({ terms, missing }: GuestClassModel | HostClassModel, classes: number): FlatPart[] =>
  Array.from({ length: classes }, (_, c) =>
    flatPart({ terms: terms.map((term) => ({ ...term, coefficient: term.coefficients[c]! })), missing }),
  );

export function classHostForm(model: HostClassModel): HostForm {
  const { classes, family, quantum } = model;
  const flat = flatClasses(model, classes);
  const { toldTotals } = classFamilyOf({ family, classes });
  const untold = classes - toldTotals;
  return {
    columns: flat[0]!.columns,
    watched: flat[0]!.watched,
    bytes: toldTotals * TOTAL_BYTES,
    write(values, at, out, outAt) {
      const totals = flat.map((each) => sumOf(contributions(each, values, at)));
      const view = viewOf(out);
      for (let i = 0; i < toldTotals; i++) {
        const difference = totals[untold + i]! - (untold > 0 ? totals[0]! : 0);
        view.setFloat64(outAt + i * TOTAL_BYTES, quantum * Math.round(difference / quantum), true);
      }
    },
  };
}

export function classAnswerForm({ family, intercepts }: GuestClassModel): AnswerForm {
  const { toldTotals } = classFamilyOf({ family, classes: intercepts.length });
  const places = Array.from({ length: toldTotals }, (_, i) => i * TOTAL_BYTES);
  return {
    bytes: toldTotals * TOTAL_BYTES,
    sound: (part) => places.every((place) => Number.isFinite(viewOf(part).getFloat64(place, true))),
  };
}

/** Of each class what was told of it, in a row: of a multinomial model 0 for the first. */
export function classTotalsIn({ bits, width }: HostAnswer, row: number, classes: number): number[] {
  const told = width / TOTAL_BYTES;
  const view = viewOf(bits);
  return Array.from({ length: classes }, (_, c) => {
    const i = c - (classes - told);
    return i < 0 ? 0 : view.getFloat64(row * width + i * TOTAL_BYTES, true);
  });
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
