/** The same keys, with any text: what makes a missing or stray Chinese key a type error. */
export type Same<T> = { readonly [K in keyof T]: T[K] extends string ? string : Same<T[K]> };
