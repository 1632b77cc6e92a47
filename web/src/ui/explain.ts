/** An error as a sentence about what went wrong and one about what to do. */
import { ApiError, Unreachable } from '../api/errors';
import { t } from '../app/messages';

/** What the server writes as `code` stands in quotation marks where all is one type. */
export const quoted = (text: string): string => text.replace(/`([^`]+)`/g, '“$1”');

export function explain(error: unknown): { message: string; fix: string | null } {
  if (error instanceof ApiError)
    return { message: quoted(error.message), fix: error.fix && quoted(error.fix) };
  if (error instanceof Unreachable)
    return { message: t('error.unreachable'), fix: t('error.unreachable.fix') };
  return { message: t('error.unexpected'), fix: error instanceof Error ? error.message : null };
}
