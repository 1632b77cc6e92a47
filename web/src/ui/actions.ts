/** Which family an action belongs to (D-1.3, D-7). Pure. */

export const MOVES = [
  'automation.clientStartPath',
  'automation.clientPathStep',
  'automation.clientEndPath',
  'automation.clientPathExit',
] as const;

export const MESSAGES = [
  'message.sent',
  'message.delivered',
  'message.opened',
  'message.clicked',
  'message.bounced',
  'message.complained',
  'message.unsubscribed',
  'message.failed',
  'message.skipped',
] as const;

export type ActionFamily = 'moves' | 'messages' | 'profile' | 'own';

const PROFILE = new Set([
  'profile.updated',
  'profile.tagAdded',
  'profile.tagRemoved',
  'profile.consentChanged',
]);

export function familyOf(action: string): ActionFamily {
  if ((MOVES as readonly string[]).includes(action)) return 'moves';
  if ((MESSAGES as readonly string[]).includes(action) || action.startsWith('webhook.')) return 'messages';
  return PROFILE.has(action) ? 'profile' : 'own';
}
