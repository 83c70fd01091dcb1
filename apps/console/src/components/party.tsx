import { createContext, type ReactNode, useContext, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { colourOf, partyColours } from "../lib/party-colour.ts";
import { useMay, useMe, useRead } from "../lib/queries.ts";

interface Parties {
  readonly own: string;
  readonly colours: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<string, string>;
}
const Context = createContext<Parties>({ own: "", colours: new Map(), names: new Map() });

/** Every known party's colour and name, for all pages. */
export function PartiesProvider({ children }: { children: ReactNode }) {
  const me = useMe();
  const may = useMay();
  const partners = useRead("listPartners", {}, { enabled: may("partners:read") }).data;
  const value = useMemo(() => {
    const own = me?.party.id ?? "";
    const names = new Map<string, string>(me === undefined ? [] : [[own, me.party.name]]);
    for (const each of partners?.items ?? []) if (each.partyId !== null) names.set(each.partyId, each.name);
    return { own, names, colours: partyColours([...names.keys()]) };
  }, [me, partners]);
  return <Context value={value}>{children}</Context>;
}

export const useParties = (): Parties => useContext(Context);

export function usePartyColour(): (party: string) => string {
  const { colours } = useParties();
  return (party) => `var(${colourOf(party, colours)})`;
}

/** `bare` leaves out who is "you", for dense rows. */
export function Party({ id, role, bare }: { id: string; role?: string; bare?: boolean }) {
  const { own, names } = useParties();
  const colour = usePartyColour();
  const { t } = useTranslation();
  const roles = ["guest", "host", "arbiter", "observer"] as const;
  const known = roles.find((each) => each === role);
  return (
    <span className="party" style={{ "--party": colour(id) } as React.CSSProperties} title={names.get(id)}>
      <i />
      {id}
      {role !== undefined && <small>{known === undefined ? role : t(`common.jobRole.${known}`)}</small>}
      {id === own && bare !== true && <small>({t("common.you")})</small>}
    </span>
  );
}
