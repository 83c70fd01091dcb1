import type { Secrets } from "@tombolo/base";

export interface OtOptions {
  readonly secrets: Secrets;
  /** Separates several runs in one session; must differ between them. */
  readonly label: string;
  readonly adversary: "semi-honest" | "malicious";
  /**
   * Bits of the small field: 4 (default) sends 4 bytes a transfer; 8 sends 2 and computes eight times as much; 1 is
   * IKNP's 16 bytes.
   */
  readonly fieldBits?: 1 | 2 | 4 | 8;
}
