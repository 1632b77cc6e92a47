/** Texts of journeys. */
export const journeys = {} as const;
