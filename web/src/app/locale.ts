/** How numbers and dates are written: as the browser's first language does. */
export const locale: string = globalThis.navigator?.language ?? 'en';
