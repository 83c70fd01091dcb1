import { crossValidated } from "@tombolo/scheduler";
import { useReactFlow } from "@xyflow/react";
import { App } from "antd";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useCanvas } from "./canvas.tsx";
import { copied, paste, read } from "./clipboard.ts";
import { addTask, type Draft, moveTasks, type Place, type Places, removeTasks, setInput } from "./draft.ts";
import { arranged, beside, freePlace, heightOf } from "./places.ts";
import { feedFrom, inputFor, type Misfit, misfit, outputsOf, type PortName } from "./ports.ts";

/** Why two ports do not go together, in the reader's words. */
export function useMisfitText(): (why: Misfit) => string {
  const { t } = useTranslation();
  return (why) =>
    why.why === "kind"
      ? t("canvas.misfit.kind", {
          wanted: t(`canvas.portKind.${why.wanted}`),
          given: t(`canvas.portKind.${why.given}`),
        })
      : why.why === "model"
        ? t("canvas.misfit.model", { wanted: why.wanted, given: why.given })
        : t(`canvas.misfit.${why.why}`);
}

/** A port that a new step is to be wired to: an output it reads, or an input that it fills. */
export type Open = { readonly from: PortName } | { readonly to: PortName };

const PASTED_BY = 36;

/** What can be done on the canvas, by whatever hand. */
export function useActs() {
  const { edit, choose, draft, components, chosen } = useCanvas();
  const { message } = App.useApp();
  const { t } = useTranslation();
  const misfitText = useMisfitText();
  const { fitView } = useReactFlow();

  const show = useCallback(() => void fitView({ padding: "48px", maxZoom: 1, duration: 150 }), [fitView]);

  /** Beside the one step that is chosen, fed by it; else where it was dropped. */
  const add = useCallback(
    (component: string, at?: Place, open?: Open) => {
      const definition = components.get(component);
      if (definition === undefined) return;
      const height = heightOf(definition);
      const [only] = chosen.size === 1 ? chosen : [];
      const feed = open !== undefined && "from" in open ? open.from.task : at === undefined ? only : undefined;
      const spot =
        at ??
        (feed === undefined ? freePlace(draft.places, { x: 0, y: 0 }, height) : beside(draft.places, feed, height));
      const { draft: added, name } = addTask(draft, definition, spot);
      edit(() => wired(added, name));
      choose([name]);

      function wired(next: Draft, task: string): Draft {
        if (open !== undefined && "to" in open) {
          const source = Object.keys(outputsOf(next.flow, components, task)).find(
            (port) => misfit(next, components, { task, port }, open.to) === undefined,
          );
          return source === undefined ? next : setInput(next, open.to.task, open.to.port, `${task}.${source}`);
        }
        if (open !== undefined) {
          const port = inputFor(next, components, open.from, task);
          return port === undefined ? next : setInput(next, task, port, `${open.from.task}.${open.from.port}`);
        }
        return feed === undefined ? next : feedFrom(next, components, feed, task);
      }
    },
    [components, chosen, draft, edit, choose],
  );

  const connect = useCallback(
    (from: PortName, to: PortName): boolean => {
      const why = misfit(draft, components, from, to);
      if (why !== undefined) {
        void message.warning(misfitText(why));
        return false;
      }
      edit((before) => setInput(before, to.task, to.port, `${from.task}.${from.port}`));
      return true;
    },
    [draft, components, edit, message, misfitText],
  );

  const remove = useCallback(
    (names: ReadonlySet<string>) => {
      if (names.size === 0) return;
      edit((before) => removeTasks(before, names));
      choose([]);
    },
    [edit, choose],
  );

  const pasteText = useCallback(
    (text: string): boolean => {
      const parsed = read(text);
      if (!parsed.ok) return false;
      const places: Places = Object.fromEntries(
        Object.keys(parsed.flow.tasks).map((name, i) => {
          const { x, y } = draft.places[name] ?? { x: 40 * i, y: 140 * i };
          return [name, { x: x + PASTED_BY, y: y + PASTED_BY }];
        }),
      );
      const pasted = paste(draft, parsed.flow, places);
      edit(() => pasted.draft);
      choose(pasted.names);
      return true;
    },
    [draft, edit, choose],
  );

  const tidy = useCallback(
    async (of: Draft) => {
      const places = await arranged(of, components);
      edit((before) => moveTasks(before, places), "tidy");
      requestAnimationFrame(show);
    },
    [components, edit, show],
  );

  const crossValidate = useCallback(
    async (name: string) => {
      const made = crossValidated(draft.flow, name);
      if (!made.ok) {
        void message.warning(t("canvas.crossValidateNot"));
        return;
      }
      const folded = { ...draft, flow: made.flow };
      edit(() => folded);
      choose([made.task]);
      await tidy(folded);
    },
    [draft, edit, choose, message, t, tidy],
  );

  return {
    add,
    crossValidate,
    connect,
    remove,
    paste: pasteText,
    copied: () => copied(draft, chosen),
    duplicate: () => pasteText(copied(draft, chosen)),
    tidy,
    show,
  };
}
