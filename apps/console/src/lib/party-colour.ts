/** Each party has one colour everywhere: a hash of its id picks it, and parties that would share one move on in order of id. */
export const PARTY_COLOURS = 8;

function hash(text: string): number {
  let value = 2166136261;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619);
  return (value ^ (value >>> 15)) >>> 0;
}

export function partyColours(parties: readonly string[]): ReadonlyMap<string, number> {
  const colours = new Map<string, number>();
  const taken = new Set<number>();
  for (const party of [...new Set(parties)].sort()) {
    let colour = hash(party) % PARTY_COLOURS;
    while (taken.has(colour) && taken.size < PARTY_COLOURS) colour = (colour + 1) % PARTY_COLOURS;
    taken.add(colour);
    colours.set(party, colour);
  }
  return colours;
}

export const colourOf = (party: string, colours: ReadonlyMap<string, number>): string =>
  `--party-${colours.get(party) ?? hash(party) % PARTY_COLOURS}`;
