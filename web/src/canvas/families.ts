/** How node types look: a colour for each family, an icon for each type; never colour alone. */
import {
  Flag,
  GitBranch,
  Hourglass,
  ListFilter,
  type LucideIcon,
  Mail,
  Send,
  Sparkles,
  Split,
  SquarePen,
  Timer,
  UserSearch,
  Webhook,
  Zap,
} from 'lucide-react';

export type Family = 'trigger' | 'condition' | 'flow' | 'action' | 'end';
export const FAMILIES: readonly Family[] = ['trigger', 'condition', 'flow', 'action', 'end'];

export const LOOKS: Record<Family, { icon: LucideIcon; colour: string }> = {
  trigger: { icon: Zap, colour: '#0f7a57' },
  condition: { icon: ListFilter, colour: '#8a5a00' },
  flow: { icon: Timer, colour: '#5b47c9' },
  action: { icon: Send, colour: '#1565c0' },
  end: { icon: Flag, colour: '#5c6675' },
};

/** A type that is not here has the icon of its family. */
const ICONS: Readonly<Record<string, LucideIcon>> = {
  ab_test: GitBranch,
  event_filter: Hourglass,
  profile_filter: UserSearch,
  split: Split,
  send_email: Mail,
  webhook: Webhook,
  update_profile: SquarePen,
  generate_event: Sparkles,
};

export const iconOf = (family: Family, type: string): LucideIcon => ICONS[type] ?? LOOKS[family].icon;
