/** JSON logs on standard error that never hold secrets or row values: known secret fields are cut, error details stay out. */
import { TomboloError } from "@tombolo/base";
import { type DestinationStream, type Logger, pino } from "pino";

const SECRET_FIELDS = [
  "password",
  "passphrase",
  "token",
  "secret",
  "authorization",
  "cookie",
  "privateKey",
  "apiKey",
  "detail",
];

export function createLog(party: string, level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { party },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), remove: true },
      serializers: { err: errorForLog, error: errorForLog },
    },
    destination ?? pino.destination(2),
  );
}

/** The public part of a TomboloError; for anything else name, message and stack, which we wrote ourselves. */
function errorForLog(error: unknown): unknown {
  if (error instanceof TomboloError) return { ...error.toPublic(), cause: causeForLog(error.cause) };
  if (!(error instanceof Error)) return { type: typeof error };
  return { type: error.name, message: error.message, stack: error.stack };
}

/** A database error's message can quote values; its name and code cannot. */
function causeForLog(cause: unknown): unknown {
  if (!(cause instanceof Error)) return undefined;
  if (cause instanceof TomboloError) return cause.toPublic();
  const code = (cause as NodeJS.ErrnoException).code;
  return { type: cause.name, ...(code === undefined ? {} : { code }) };
}
