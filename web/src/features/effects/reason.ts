/** Why something is as it is: the catalogue's text for a word that we know, else what the server or provider said. */
import { tOr } from '../../app/messages';

export const reasonOf = (reason: string): string => tOr(`effects.reason.${reason}`, reason);
