/** Which form one is in, such as that of a node: what is not finished in one field of it is found again by this name. */
import { createContext } from 'react';

export const FormName = createContext('');
