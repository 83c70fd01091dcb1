/** A generator of HTTP load that costs little itself: bodies made before, sockets kept, no more parsed than the length. */
import { connect, type Socket } from "node:net";

export interface Load {
  readonly port: number;
  readonly path: string;
  readonly bodies: readonly Buffer[];
  readonly connections: number;
  readonly seconds: number;
  /** Calls a second, whoever is free; null: each connection as fast as it is answered. */
  readonly rate: number | null;
}

export interface LoadResult {
  readonly calls: number;
  readonly failed: number;
  readonly perSecond: number;
  /** In ms, from when a call was due. */
  readonly p50: number;
  readonly p99: number;
}

export async function load(options: Load): Promise<LoadResult> {
  const { connections, seconds, rate } = options;
  const clients = await Promise.all(Array.from({ length: connections }, () => Client.open(options)));
  const took: number[] = [];
  let failed = 0;
  let calls = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  const worker = async (client: Client): Promise<void> => {
    for (;;) {
      const call = calls++;
      const due = rate === null ? performance.now() : start + (call * 1000) / rate;
      if (due > end) return;
      // A timer is late by a millisecond; what comes late is due at once.
      const early = due - performance.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      const from = rate === null ? performance.now() : Math.max(due, early > 0 ? performance.now() : due);
      const status = await client.call(options.bodies[call % options.bodies.length]!);
      took.push(performance.now() - from);
      if (status !== 200) failed += 1;
    }
  };
  await Promise.all(clients.map(worker));
  const perSecond = (took.length * 1000) / (performance.now() - start);
  for (const client of clients) client.close();
  const sorted = Float64Array.from(took).sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { calls: took.length, failed, perSecond, p50: at(0.5), p99: at(0.99) };
}

class Client {
  readonly #socket: Socket;
  readonly #head: string;
  #received: Buffer = Buffer.alloc(0);
  #answered: { resolve(status: number): void; reject(error: Error): void } | undefined;

  static async open({ port, path }: Load): Promise<Client> {
    const socket = connect(port, "127.0.0.1");
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    socket.setNoDelay(true);
    return new Client(socket, path);
  }

  private constructor(socket: Socket, path: string) {
    this.#socket = socket;
    this.#head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: `;
    socket.on("data", (bytes) => this.#take(bytes));
    socket.on("close", () => this.#answered?.reject(new Error("the server closed the connection")));
  }

  call(body: Buffer): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#answered = { resolve, reject };
    this.#socket.cork();
    this.#socket.write(`${this.#head}${body.length}\r\n\r\n`);
    this.#socket.write(body);
    this.#socket.uncork();
    return promise;
  }

  close(): void {
    this.#answered = undefined;
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const head = this.#received.toString("latin1", 0, headEnd);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    if (this.#received.length < headEnd + 4 + length) return;
    this.#received = Buffer.alloc(0);
    const waiting = this.#answered!;
    this.#answered = undefined;
    waiting.resolve(Number(head.slice(9, 12)));
  }
}
