/** Where the chosen colour scheme is kept; `public/scheme.js` reads it before the first paint. */
import { localStorageColorSchemeManager } from '@mantine/core';

export const schemeManager = localStorageColorSchemeManager({ key: 'milepost.scheme' });
