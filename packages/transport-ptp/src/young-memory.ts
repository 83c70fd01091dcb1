/**
 * Gives the memory of buffers that came and went back before V8 misses it.
 *
 * V8 clears the young generation when its small objects fill it, but a buffer of 256 KiB is a small object with its
 * bytes elsewhere. Those bytes count towards a limit of 64 MiB at which V8 marks the whole heap instead: at the speed
 * of a link that is several times a second, each time for as long as the whole process' heap is big, while a
 * collection of the young generation finds next to nothing alive and takes a millisecond. So whoever reads buffers in
 * bulk counts them here. Memory that comes back this early is also still in the processor's caches.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const BYTES_BETWEEN = 8 * 2 ** 20;

type Collect = (options: { readonly type: "minor" }) => void;

let collect: Collect | undefined;
let bytes = 0;

/** A buffer of this length came in. One count for the process, since there is one heap. */
export function countYoungBytes(length: number): void {
  bytes += length;
  if (bytes < BYTES_BETWEEN) return;
  bytes = 0;
  collect ??= collector();
  collect({ type: "minor" });
}

/** The function is in no global scope: only in a context of its own, made while the flag is on. */
function collector(): Collect {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as Collect;
  setFlagsFromString("--no-expose-gc");
  return gc;
}
