/**
 * The rules by which two organisations write the same id the same way. They are parameters of the flow, so every party
 * reads them in its consent, and none of them looks at data: the same text gives the same id everywhere.
 */
import { TomboloError } from "@tombolo/base";

export interface IdRules {
  /** Drop white space at both ends. */
  readonly trim: boolean;
  /** Unicode's own upper or lower case, the same in every locale. */
  readonly case: "keep" | "lower" | "upper";
  /** NFKC also makes full-width digits and letters plain. */
  readonly form: "none" | "NFC" | "NFKC";
  /** null: not a phone number. */
  readonly phone: PhoneRules | null;
}

/**
 * "digits" keeps the digits and nothing else. "international" gives country code and number as digits: a leading + or
 * 00 says the country code is there; otherwise one trunk 0 is dropped and `countryCode` is put in front.
 */
export interface PhoneRules {
  readonly format: "digits" | "international";
  /** Digits only, e.g. "86". */
  readonly countryCode: string;
  /** Where given, digits of exactly countryCode + this length are taken as international even without a +. */
  readonly nationalLength: number | null;
}

export const defaultIdRules: IdRules = { trim: true, case: "keep", form: "NFC", phone: null };

export const ID_LENGTH_MAX = 1024;
const PHONE_DIGITS_MAX = 20;

/** The normalised id, or "" where nothing usable is left: blank, not a phone number, broken Unicode, far too long. */
export function normaliseId(value: string, rules: IdRules): string {
  // A lone surrogate would become U+FFFD in UTF-8, the same for all of them: two ids would be one.
  if (value.length > ID_LENGTH_MAX || !value.isWellFormed()) return "";
  let text = rules.form === "none" ? value : value.normalize(rules.form);
  if (rules.trim) text = text.trim();
  if (rules.phone !== null) return normalisePhone(text, rules.phone);
  if (rules.case === "lower") return text.toLowerCase();
  if (rules.case === "upper") return text.toUpperCase();
  return text;
}

function normalisePhone(text: string, rules: PhoneRules): string {
  const plain = text.normalize("NFKC").replace(/[\s().\-\u2010-\u2015/]/gu, "");
  if (!/^\+?[0-9]+$/.test(plain) || plain.length > PHONE_DIGITS_MAX) return "";
  const digits = plain.replace("+", "");
  if (rules.format === "digits") return digits;
  if (plain.startsWith("+")) return digits;
  if (digits.startsWith("00")) return digits.slice(2);
  if (isFullNumber(digits, rules)) return digits;
  return rules.countryCode + digits.replace(/^0/, "");
}

const isFullNumber = (digits: string, { countryCode, nationalLength }: PhoneRules): boolean =>
  nationalLength !== null && digits.length === countryCode.length + nationalLength && digits.startsWith(countryCode);

export function checkIdRules(rules: IdRules): void {
  const phone = rules.phone;
  if (phone === null) return;
  const lengthOk = phone.nationalLength === null || (phone.nationalLength >= 4 && phone.nationalLength <= 15);
  if (!/^[1-9][0-9]{0,3}$/.test(phone.countryCode) || !lengthOk)
    throw new TomboloError("input.phone-rules", "a country code has 1 to 4 digits, a national number 4 to 15");
}
