/** Texts of conditions. */
export const conditions = {} as const;
