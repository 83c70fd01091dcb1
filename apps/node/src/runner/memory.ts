/** How V8 is told to look after a runner's memory. */

/**
 * V8 marks the whole heap whenever the memory of buffers has grown by 64 MiB, on as many threads as there are. A task on
 * large columns passes that mark several times a second with a heap of 20 MiB that has nothing to give back: a fifth of a
 * match's processor time. With the buffers counted as part of the heap its size decides, and `heapMiB` bounds both.
 *
 * From a heap that small V8 would still mark it every few tens of MiB of buffers: a fourth of the processor time of computing on
 * shares, which makes and drops a kilobyte for each number. So nothing is marked before both have come to FIRST_MIB.
 */
const FIRST_MIB = 192;

export const memoryFlags = (heapMiB?: number): string[] => [
  ...(heapMiB === undefined ? [] : [`--max-old-space-size=${heapMiB}`]),
  "--external-memory-accounted-in-global-limit",
  `--initial-old-space-size=${Math.min(FIRST_MIB, Math.floor((heapMiB ?? 2 * FIRST_MIB) / 2))}`,
];
