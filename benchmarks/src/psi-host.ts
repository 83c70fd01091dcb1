/** The host's process of the PSI benchmark: argv is the port to dial and the number of rows; prints its CPU time. */
import { once } from "node:events";
import { connect } from "node:net";
import { systemSecrets } from "@tombolo/base";
import { host } from "@tombolo/protocols/psi/ecdh";
import { makeIds, openHost } from "./psi-parties.ts";

const [port, rows] = process.argv.slice(2).map(Number) as [number, number];
const ids = makeIds(rows, rows / 2);
const socket = connect(port, "127.0.0.1");
await once(socket, "connect");
const session = await openHost(socket);
const { rows: matched } = await host(ids, session, { secrets: systemSecrets(), hostCount: 1 });
await session.close();
if (matched.length !== rows / 2) throw new Error(`matched ${matched.length} rows`);
