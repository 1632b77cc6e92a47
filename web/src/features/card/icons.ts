/** A sign for an event, by what its action begins with. It says nothing that the words beside it do not. */
import {
  CircleDot,
  Eye,
  Globe,
  LogIn,
  type LucideIcon,
  Mail,
  Route,
  Search,
  ShoppingCart,
  Tag,
  UserRound,
  Webhook,
} from 'lucide-react';

const BY_CONTEXT: Readonly<Record<string, LucideIcon>> = {
  automation: Route,
  message: Mail,
  newsletter: Mail,
  email: Mail,
  webhook: Webhook,
  profile: UserRound,
  client: UserRound,
  order: ShoppingCart,
  cart: ShoppingCart,
  checkout: ShoppingCart,
  transaction: ShoppingCart,
  purchase: ShoppingCart,
  product: Tag,
  page: Eye,
  screen: Eye,
  session: LogIn,
  visit: Globe,
  search: Search,
};

export function iconOf(action: string): LucideIcon {
  const context = action.split(/[._-]/, 1)[0] ?? '';
  return BY_CONTEXT[context.toLowerCase()] ?? CircleDot;
}
