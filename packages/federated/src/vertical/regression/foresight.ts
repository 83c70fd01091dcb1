/** What mini-batches use up, once the first has shown it: that of the next ones is made in the background while they are computed. */
import { type Counts, difference, type TwoParty } from "@tombolo/protocols/secret-sharing/two-party";

/** Foreseen at once: where training stops early as much is made for nothing. */
const BATCHES_AHEAD = 8;

/** To be called before the gradient of each batch, of which there are so many at most. */
export function foresight(backend: TwoParty, most: number): () => void {
  let [seen, foreseen, before] = [0, 1, backend.used];
  let batch: Counts | null = null;
  return () => {
    if (seen === 1) batch = difference(backend.used, before);
    before = backend.used;
    seen += 1;
    const missing = Math.min(most, seen + BATCHES_AHEAD) - foreseen;
    if (batch === null || missing <= 0) return;
    backend.foresee(new Array<Counts>(missing).fill(batch));
    foreseen += missing;
  };
}
