/** One fault of a flow. `path` names its place, e.g. "tasks.train.parameters.depth". */
export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly remedy?: string;
}
