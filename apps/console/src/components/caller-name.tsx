interface Caller {
  readonly id: string;
  readonly name: string;
}

/** Who calls, by name; with the id where several have that name. */
export function CallerName({ id, name, among }: Caller & { readonly among: readonly Caller[] }) {
  const several = among.some((each) => each.name === name && each.id !== id);
  return (
    <div title={id}>
      {name}
      {several && (
        <div className="small muted">
          <code>{id}</code>
        </div>
      )}
    </div>
  );
}
