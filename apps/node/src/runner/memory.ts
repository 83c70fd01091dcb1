/** How V8 is told to look after a runner's memory. */

/**
 * V8 marks the whole heap whenever the memory of buffers has grown by 64 MiB, on as many threads as there are. A task on
 * large columns passes that mark several times a second with a heap of 20 MiB that has nothing to give back: a fifth of a
 * match's processor time. With the buffers counted as part of the heap its size decides, and `heapMiB` bounds both.
 */
export const memoryFlags = (heapMiB?: number): string[] => [
  ...(heapMiB === undefined ? [] : [`--max-old-space-size=${heapMiB}`]),
  "--external-memory-accounted-in-global-limit",
];
