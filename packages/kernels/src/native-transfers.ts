/** The native side of `TransferKernels`: several results come as one array, to be cut here. */
import { requireRange } from "./checks.ts";
import { u32 } from "./native-vole.ts";
import type { DigitCut, Extension, KeyForm, ReceivedTransfers, Sixteen, TransferKernels } from "./transfer-kernels.ts";

interface NativeExtension extends Omit<Extension, "form"> {
  readonly kind: number;
  readonly planes: number;
}

/** What the library exports for it. */
export interface NativeTransfers
  extends Omit<
    TransferKernels,
    "transfersReceived" | "transfersSent" | "sixteenReceived" | "keysReceived" | "keysSent"
  > {
  transfersReceived(extension: NativeExtension): Promise<Uint8Array>;
  transfersSent(extension: NativeExtension, positions: Uint32Array, corrections: Uint8Array): Promise<Uint8Array>;
  sixteenReceived(of: Sixteen): Promise<Uint8Array>;
  keysReceived(
    blocks: Uint8Array,
    choices: Uint8Array,
    salt: Uint8Array,
    kind: number,
    planes: number,
  ): Promise<Uint8Array>;
  keysSent(blocks: Uint8Array, delta: Uint8Array, salt: Uint8Array, kind: number, planes: number): Promise<Uint8Array>;
}

type Settle = <T>(start: () => Promise<T>) => Promise<T>;

const KINDS: readonly KeyForm["kind"][] = ["blocks", "words", "digits", "bits"];

export function nativeTransfers(library: NativeTransfers, settle: Settle): TransferKernels {
  return {
    async transfersReceived(extension) {
      const all = await settle(async () => library.transfersReceived(flat(extension)));
      return cut(all, (128 / extension.bits - 1) * rowBytes(extension.count), extension.count / 8);
    },
    transfersSent: (extension, ...rest) => settle(async () => library.transfersSent(flat(extension), ...rest)),
    async sixteenReceived(of) {
      const all = await settle(async () => library.sixteenReceived(flatSixteen(of)));
      return cut(all, 56 * rowBytes(of.count), of.count / 2);
    },
    sixteenSent: (of, ...rest) => settle(async () => library.sixteenSent(flatSixteen(of), ...rest)),
    keysReceived: (blocks, choices, salt, form) =>
      settle(async () => library.keysReceived(blocks, choices, salt, ...flatForm(form))),
    keysSent: (blocks, delta, salt, form) =>
      settle(async () => library.keysSent(blocks, delta, salt, ...flatForm(form))),
    digitChoices: (values, cut, choices) => settle(async () => library.digitChoices(values, flatCut(cut), choices)),
    digitTables: (values, cut, ...rest) => settle(async () => library.digitTables(values, flatCut(cut), ...rest)),
    digitEntries: (values, cut, ...rest) => settle(async () => library.digitEntries(values, flatCut(cut), ...rest)),
    pieceChoices: (values, step, choices) => settle(async () => library.pieceChoices(values, u32(step), choices)),
    pieceTables: (values, pieces, ...rest) =>
      settle(async () => library.pieceTables(values, { ...pieces, step: u32(pieces.step) }, ...rest)),
    pieceEntries: (values, step, ...rest) => settle(async () => library.pieceEntries(values, u32(step), ...rest)),
  };
}

const rowBytes = (count: number): number => 16 * Math.ceil(count / 128);

const cut = (all: Uint8Array, corrected: number, chosen: number): ReceivedTransfers => ({
  corrections: all.subarray(0, corrected),
  choices: all.subarray(corrected, corrected + chosen),
  kept: all.subarray(corrected + chosen),
});

function flatSixteen({ first, count, planes, ...rest }: Sixteen): Sixteen {
  requireRange(Number.isSafeInteger(first) && first >= 0, "a place of streams");
  return { ...rest, first, count: u32(count), planes: u32(planes) };
}

function flat({ form, bits, count, first, ...rest }: Extension): NativeExtension {
  requireRange(Number.isSafeInteger(first) && first >= 0, "a place of streams");
  const [kind, planes] = flatForm(form);
  return { ...rest, first, bits: u32(bits), count: u32(count), kind, planes };
}

const flatForm = (form: KeyForm): [number, number] => [
  KINDS.indexOf(form.kind),
  "planes" in form ? u32(form.planes) : 1,
];

const flatCut = ({ low, width }: DigitCut): DigitCut => ({ low: u32(low), width: u32(width) });
