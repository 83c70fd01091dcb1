import type { ComponentLookup } from "./component-info.ts";
import { type Flow, participantsOf } from "./flow.ts";

/**
 * The flow with every default written out, so that the consent covers the values used and a later change of a default
 * cannot change what was agreed. `flow` has passed `validateFlow` with the same components.
 */
export function withDefaults(flow: Flow, lookup: ComponentLookup): Flow {
  const tasks = Object.entries(flow.tasks).map(([name, task]) => {
    const component = lookup(task.component)!;
    const own = participantsOf(flow, task).map(({ party }) => [
      party,
      component.partyParameters.parse(task.partyParameters[party] ?? {}),
    ]);
    const parameters = component.parameters.parse(task.parameters);
    return [name, { ...task, parameters, partyParameters: Object.fromEntries(own) }];
  });
  return { ...flow, tasks: Object.fromEntries(tasks) };
}
