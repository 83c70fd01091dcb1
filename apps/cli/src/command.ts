import type { Client } from "@tombolo/sdk";
import { type Command, InvalidArgumentError } from "commander";
import { exitCodes, fail, type Output } from "./output.ts";
import { connect } from "./profile.ts";

export interface Session {
  readonly client: Client;
  readonly output: Output;
}

type GlobalOptions = { json?: boolean; profile?: string; url?: string };

/** Wraps a command's action (a number it returns is the exit code): connects, and turns what it throws into a message and an exit code. */
export const withNode = <A extends unknown[]>(
  command: Command,
  action: (session: Session, ...args: A) => Promise<unknown>,
): Command =>
  withoutNode<A>(command, (output, ...args) =>
    action({ client: connect(command.optsWithGlobals<GlobalOptions>()), output }, ...args),
  );

/** As `withNode`, for what needs no node. */
export function withoutNode<A extends unknown[]>(
  command: Command,
  action: (output: Output, ...args: A) => Promise<unknown>,
): Command {
  return command.action(async (...args: unknown[]) => {
    const output = { json: command.optsWithGlobals<GlobalOptions>().json === true };
    try {
      const code = await action(output, ...(args.slice(0, -1) as A));
      process.exitCode = typeof code === "number" ? code : exitCodes.ok;
    } catch (error) {
      process.exitCode = fail(output, error);
    }
  });
}

/** Reads a positive whole number. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1 on.");
  return Number(text);
}

/** Collects a repeatable option. */
export const collect = (value: string, previous: string[] = []): string[] => [...previous, value];
