import type { Permission } from "@tombolo/sdk";
import { type ComponentProps, type DragEvent, useRef, useState } from "react";
import { Act, useForbidden } from "./act.tsx";
import { Icon } from "./icon.tsx";

interface FileButtonProps extends Omit<ComponentProps<typeof Act>, "onClick"> {
  readonly label: string;
  /** Endings, as file inputs take them; any file unless said. */
  readonly accept?: string;
  onFile(file: File): void;
}

/** A button that asks for a file. The same one may be chosen again. */
export function FileButton({ label, accept, onFile, ...act }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        aria-label={label}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file !== undefined) onFile(file);
        }}
      />
      <Act {...act} onClick={() => input.current?.click()}>
        {label}
      </Act>
    </>
  );
}

interface DropZoneProps {
  readonly title: string;
  readonly hint: string;
  readonly choose: string;
  readonly accept: string;
  readonly needs?: Permission;
  onFile(file: File): void;
}

/** Drag and drop, or choose. */
export function DropZone({ title, hint, choose, accept, needs, onFile }: DropZoneProps) {
  const forbidden = useForbidden();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped !== undefined && (needs === undefined || forbidden(needs) === undefined)) onFile(dropped);
  };
  return (
    <section
      className={over ? "drop over" : "drop"}
      aria-label={title}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Icon name="upload" />
      <div className="grow">
        <b>{title}</b>
        <div className="small muted">{hint}</div>
      </div>
      <FileButton label={choose} accept={accept} onFile={onFile} {...(needs === undefined ? {} : { needs })} />
    </section>
  );
}
