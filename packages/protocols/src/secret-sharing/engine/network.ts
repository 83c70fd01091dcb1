/**
 * Networks that move elements by pairs, from their number alone: what is sent tells nothing of where elements go.
 *
 * Sorting: Batcher's merge exchange (Knuth, The Art of Computer Programming 3, 5.2.2, algorithm M), for any number of elements.
 * Permuting: Beneš, Bell System Technical Journal 43, 1964, with Waksman's looping (Journal of the ACM 15, 1968) to find the switches.
 */

/** Pairs of places that are worked on at once: all different. */
export interface Layer {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

/** ceil(log2 n) layers summed from 1 up; after all of them no element is larger than one behind it. */
export function sortingLayers(count: number): Layer[] {
  const layers: Layer[] = [];
  const top = count < 2 ? 0 : 2 ** (Math.ceil(Math.log2(count)) - 1);
  for (let p = top; p >= 1; p /= 2)
    for (let q = top, r = 0, d = p; ; d = q - p, q /= 2, r = p) {
      const low = Array.from({ length: Math.max(0, count - d) }, (_, i) => i).filter((i) => (i & p) === r);
      layers.push({ low: Uint32Array.from(low), high: Uint32Array.from(low, (i) => i + d) });
      if (q === p) break;
    }
  return layers.filter(({ low }) => low.length > 0);
}

/** Of a power of two of places: 2·log2(count) - 1 layers of count / 2 switches. */
export function permutingLayers(count: number): Layer[] {
  const layersOf = (places: readonly number[]): (readonly (readonly [number, number])[])[] => {
    if (places.length < 2) return [];
    const pairs = Array.from({ length: places.length / 2 }, (_, i) => [places[2 * i]!, places[2 * i + 1]!] as const);
    if (places.length === 2) return [pairs];
    const [upper, lower] = [layersOf(pairs.map(([a]) => a)), layersOf(pairs.map(([, b]) => b))];
    return [pairs, ...upper.map((layer, i) => [...layer, ...lower[i]!]), pairs];
  };
  return layersOf(Array.from({ length: count }, (_, i) => i)).map((pairs) => ({
    low: Uint32Array.from(pairs, ([a]) => a),
    high: Uint32Array.from(pairs, ([, b]) => b),
  }));
}

/** Which switches of these layers cross, 1 or 0, so that place i gets the element of place `sources[i]`. */
export function switchesFor(sources: readonly number[]): Uint8Array[] {
  const half = sources.length / 2;
  if (sources.length < 2) return [];
  if (sources.length === 2) return [Uint8Array.of(sources[0]!)];
  const side = sidesOf(sources);
  const ofSide = (wanted: 0 | 1): number[] =>
    Array.from({ length: half }, (_, pair) => {
      const [a, b] = [sources[2 * pair]!, sources[2 * pair + 1]!];
      return (side[a] === wanted ? a : b) >> 1;
    });
  const [upper, lower] = [switchesFor(ofSide(0)), switchesFor(ofSide(1))];
  return [
    Uint8Array.from({ length: half }, (_, pair) => side[2 * pair]!),
    ...upper.map((layer, i) => Uint8Array.of(...layer, ...lower[i]!)),
    Uint8Array.from({ length: half }, (_, pair) => side[sources[2 * pair]!]!),
  ];
}

/** Of each element the half that it goes through: neighbours before and neighbours after take different ones. */
function sidesOf(sources: readonly number[]): Uint8Array {
  const NONE = 2;
  const goesTo = new Uint32Array(sources.length);
  sources.forEach((source, place) => {
    goesTo[source] = place;
  });
  const side = new Uint8Array(sources.length).fill(NONE);
  for (let start = 0; start < side.length; start++)
    for (let at = start; side[at] === NONE; ) {
      side[at] = 0;
      const beside = sources[goesTo[at]! ^ 1]!;
      side[beside] = 1;
      at = beside ^ 1;
    }
  return side;
}
