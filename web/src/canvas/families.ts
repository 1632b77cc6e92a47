/** How the families of node types look: an icon and a colour, never colour alone. */
import { Flag, GitBranch, type LucideIcon, Send, Timer, Zap } from 'lucide-react';

export type Family = 'trigger' | 'condition' | 'flow' | 'action' | 'end';
export const FAMILIES: readonly Family[] = ['trigger', 'condition', 'flow', 'action', 'end'];

export const LOOKS: Record<Family, { icon: LucideIcon; colour: string }> = {
  trigger: { icon: Zap, colour: '#0f7a57' },
  condition: { icon: GitBranch, colour: '#8a5a00' },
  flow: { icon: Timer, colour: '#5b47c9' },
  action: { icon: Send, colour: '#1565c0' },
  end: { icon: Flag, colour: '#5c6675' },
};
