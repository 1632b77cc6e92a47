/** Texts of card. */
export const card = {} as const;
