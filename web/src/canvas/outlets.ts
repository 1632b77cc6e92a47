/** What an outlet is called where people see it: those of the product by our words, those that people named as they did. */
import { tOr } from '../app/messages';

export const outletName = (outlet: string): string => tOr(`outlet.${outlet}`, outlet);
