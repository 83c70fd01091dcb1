import type { Askable } from "@tombolo/sdk";
import { useState } from "react";
import type { KeyReference } from "./ask-service.ts";
import { BatchProgress } from "./batch-progress.tsx";
import { BatchSetup } from "./batch-setup.tsx";
import { FileIn, type Read } from "./file-in.tsx";
import type { FileRows, Keys } from "./keys.ts";
import { useChosen, Whose } from "./whose.tsx";

export interface Chosen {
  readonly file: FileRows;
  readonly keys: Keys;
  /** In the keys' places; where the service wants them. */
  readonly references: readonly KeyReference[] | undefined;
}

/** A file of keys: read here, checked here, asked call by call, its answers kept here until the page is left. */
export function BatchTab({ items }: { items: readonly Askable[] }) {
  const [service, choose] = useChosen(items);
  const [read, setRead] = useState<Read | undefined>();
  const [started, setStarted] = useState<{ readonly chosen: Chosen; readonly service: Askable } | undefined>();
  const back = () => {
    setRead(undefined);
    setStarted(undefined);
  };
  if (read !== undefined && started !== undefined) {
    // One that has ended is not listed any more: what was answered is still shown.
    const asked = items.find(({ name }) => name === started.service.name) ?? started.service;
    return <BatchProgress service={asked} chosen={started.chosen} name={read.name} onBack={back} />;
  }
  return (
    <div className="stack">
      <Whose items={items} value={service} onChange={choose} />
      {read === undefined ? (
        <FileIn service={service} onRead={setRead} />
      ) : (
        <BatchSetup
          key={service.name}
          service={service}
          read={read}
          onStart={(chosen) => setStarted({ chosen, service })}
          onBack={back}
        />
      )}
    </div>
  );
}
