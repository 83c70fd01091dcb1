/** What the demo says while it works: one line per step with how long it took. */
export interface Terminal {
  say(line: string): void;
  step<T>(what: string, work: () => Promise<T>): Promise<T>;
}

export const terminal: Terminal = {
  say: (line) => void process.stderr.write(`${line}\n`),
  async step(what, work) {
    const started = Date.now();
    const heartbeat = setInterval(() => process.stderr.write(`  ... still: ${what}\n`), 10_000);
    try {
      const result = await work();
      process.stderr.write(`  ✓ ${what} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
      return result;
    } catch (error) {
      process.stderr.write(`  ✗ ${what}\n`);
      throw error;
    } finally {
      clearInterval(heartbeat);
    }
  },
};
