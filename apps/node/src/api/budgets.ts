import { listBudgets, setBudget } from "../grants/budgets.ts";
import type { Services } from "../partner/services.ts";
import type { Handlers } from "./handlers.ts";

export const budgetsApi = ({ side }: Services): Handlers<"listBudgets" | "setBudget"> => ({
  listBudgets: async () => ({ items: await listBudgets(side) }),
  setBudget: ({ body, actor }) => setBudget(side, actor, body),
});
