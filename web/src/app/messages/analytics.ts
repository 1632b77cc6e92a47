/** Texts of analytics. */
export const analytics = {} as const;
