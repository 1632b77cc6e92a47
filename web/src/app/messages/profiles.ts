/** Texts of profiles. */
export const profiles = {} as const;
