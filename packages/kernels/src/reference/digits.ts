/** Digits of words, told of each other through tables of sixteen bits. */
import { requireRange } from "../checks.ts";
import type { DigitCut, TransferKernels } from "../transfer-kernels.ts";

const BITS = 4;
const ENTRIES = 16;

export const digitChoices: TransferKernels["digitChoices"] = async (values, cut, choices) => {
  const digits = digitsOf(cut, values.length);
  requireRange(choices.length === (digits * values.length) / 2, "four choices for each digit");
  const out = choices.slice();
  eachDigit(digits, values.length, (place, i, at) => {
    out[at >> 1]! ^= digitOf(values[i]!, cut, place) << (4 * (at & 1));
  });
  return out;
};

export const digitTables: TransferKernels["digitTables"] = async (values, cut, sums, pads, masked, shares) => {
  const digits = digitsOf(cut, 0);
  const elements = (2 * masked.length) / digits;
  requireRange(elements % 8 === 0, "elements in multiples of eight");
  if (elements === 0) return new Uint8Array(0);
  requireRange(values.length % elements === 0, "vectors of one length");
  const results = sums ? 2 : 1;
  const planes = (values.length / elements) * results;
  requireRange(pads.length === planes * digits * elements, "a pad for each table");
  requireRange(shares.length * 8 === planes * digits * elements, "a share for each table");
  const out = new Uint8Array(2 * pads.length);
  eachDigit(digits, elements, (place, i, at) => {
    const mask = (masked[at >> 1]! >> (4 * (at & 1))) & 15;
    const top = topOf(cut, place);
    for (let plane = 0; plane < planes; plane++) {
      const own = digitOf(values[Math.floor(plane / results) * elements + i]!, cut, place);
      const shareAt = (plane * digits + place) * elements + i;
      const share = (shares[shareAt >> 3]! >> (shareAt & 7)) & 1;
      const pad = pads[at * planes + plane]!;
      for (let v = 0; v < ENTRIES; v++) {
        const told = plane % results === 1 ? own + v > top : sums ? own + v === top : own === v;
        const entry = ((pad >> (v ^ mask)) & 1) ^ Number(told) ^ share;
        out[2 * (at * planes + plane) + (v >> 3)]! |= entry << (v & 7);
      }
    }
  });
  return out;
};

export const digitEntries: TransferKernels["digitEntries"] = async (values, cut, pads, tables) => {
  const elements = values.length;
  const digits = digitsOf(cut, elements);
  if (elements === 0) return new Uint8Array(0);
  requireRange(pads.length === digits * elements, "a pad for each digit");
  const planes = tables.length / (2 * pads.length);
  requireRange(Number.isInteger(planes) && planes >= 1 && planes <= 8, "tables of sixteen entries");
  const out = new Uint8Array((planes * digits * elements) / 8);
  eachDigit(digits, elements, (place, i, at) => {
    const own = digitOf(values[i]!, cut, place);
    for (let plane = 0; plane < planes; plane++) {
      const entry = (tables[2 * (at * planes + plane) + (own >> 3)]! >> (own & 7)) ^ (pads[at]! >> plane);
      const to = (plane * digits + place) * elements + i;
      out[to >> 3]! |= (entry & 1) << (to & 7);
    }
  });
  return out;
};

/** The largest digit at a place. */
const topOf = ({ width }: DigitCut, place: number): number => 2 ** Math.min(BITS, width - BITS * place) - 1;

const digitOf = (value: bigint, cut: DigitCut, place: number): number =>
  Number((value >> BigInt(cut.low + BITS * place)) & BigInt(topOf(cut, place)));

function eachDigit(digits: number, elements: number, visit: (place: number, i: number, at: number) => void): void {
  for (let place = 0, at = 0; place < digits; place++) for (let i = 0; i < elements; i++, at++) visit(place, i, at);
}

/** How many, once the cut is looked at. */
function digitsOf({ low, width }: DigitCut, elements: number): number {
  requireRange(Number.isInteger(width) && width >= 1 && low >= 0 && low + width <= 64, "bits of a word");
  requireRange(elements % 8 === 0, "elements in multiples of eight");
  return Math.ceil(width / BITS);
}
