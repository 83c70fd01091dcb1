/** The job that reports on a page are of, for those of which a new job can start; undefined: they are read alone. */
import { createContext } from "react";

export const ReportOrigin = createContext<string | undefined>(undefined);
