/**
 * Makes applicants.csv, a table for reject inference, out of bank.csv and telco.csv:
 *
 *   node examples/credit/applicants.ts
 *
 * In bank.csv every applicant's outcome is known. Here the bank lent by a rule in the months 1 to 7, and saw no outcome of those it
 * rejected (`default` is empty); from month 8 on it lent to all who applied, for a time, to learn what it had been missing. The rule goes
 * by what a credit bureau told of each applicant at the time, for which telco.csv's `records` stands: nobody kept it, so that the flow
 * reads no such column, and the rejected are worse than the accepted whom a model finds alike.
 *
 * Months are drawn by a hash of the phone number: the same table comes out each time.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const FOLDER = new URL("./", import.meta.url);
const MONTHS = 10;
const OPEN_FROM = 8;

type Row = Readonly<Record<string, string>>;

/** The files have no quoted cells. */
function rowsOf(file: string): Row[] {
  const [header = "", ...lines] = readFileSync(new URL(file, FOLDER), "utf8").trimEnd().split("\n");
  const names = header.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ""]));
  });
}

const monthOf = (phone: string): number => 1 + (createHash("sha256").update(phone).digest().readUInt32BE() % MONTHS);

/** With a clean record an owner, or who borrows nine tenths of the price at most; with a bad one an owner who borrows three fifths. */
function isAccepted(row: Row, hasRecord: boolean): boolean {
  const share = Number(row["amount"]) / Number(row["price"]);
  const isOwner = row["home"] === "owner";
  return hasRecord ? isOwner && share <= 0.6 : isOwner || share <= 0.9;
}

/** The whole of applicants.csv. */
export function applicants(): string {
  const recorded = new Set(rowsOf("telco.csv").flatMap(({ phone, records }) => (records === "yes" ? [phone] : [])));
  const lines = rowsOf("bank.csv").map((row) => {
    const month = monthOf(row["phone"] ?? "");
    const isSeen = month >= OPEN_FROM || isAccepted(row, recorded.has(row["phone"]));
    const features = ["time", "amount", "price", "debt", "home"].map((name) => row[name]);
    return [row["phone"], isSeen ? row["default"] : "", month, ...features].join(",");
  });
  return `${["phone,default,month,time,amount,price,debt,home", ...lines].join("\n")}\n`;
}

if (import.meta.main) writeFileSync(new URL("applicants.csv", FOLDER), applicants());
