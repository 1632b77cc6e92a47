/** Every address of the app. What a page shows is in its address: a link carries it, and back goes back. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import { workspace } from '../api/session';
import { analyticsSearch } from '../features/analytics/search';
import { calendarSearch } from '../features/calendar/search';
import { cardSearch } from '../features/card/search';
import { effectsSearch } from '../features/effects/search';
import { journeySearch } from '../features/journeys/search';
import { profilesSearch } from '../features/profiles/search';
import { NotFound } from './NotFound';
import { PageError } from './PageError';
import { Root } from './Root';

interface RootSearch {
  /** Name of the workspace; the first one if not given. */
  workspace?: string;
}

const root = createRootRoute({
  component: Root,
  notFoundComponent: NotFound,
  errorComponent: PageError,
  validateSearch: (search: Record<string, unknown>): RootSearch =>
    typeof search.workspace === 'string' ? { workspace: search.workspace } : {},
  search: { middlewares: [retainSearchParams(['workspace'])] },
  beforeLoad: ({ search }) => workspace.set(search.workspace),
});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/journeys', replace: true });
  },
});

const journeys = createRoute({
  getParentRoute: () => root,
  path: '/journeys',
  component: lazyRouteComponent(() => import('../features/journeys/JourneysPage'), 'JourneysPage'),
});

const journey = createRoute({
  getParentRoute: () => root,
  path: '/journeys/$id',
  validateSearch: journeySearch,
  component: lazyRouteComponent(() => import('../features/journeys/JourneyPage'), 'JourneyPage'),
});

const profiles = createRoute({
  getParentRoute: () => root,
  path: '/profiles',
  validateSearch: profilesSearch,
  component: lazyRouteComponent(() => import('../features/profiles/ProfilesPage'), 'ProfilesPage'),
});

const card = createRoute({
  getParentRoute: () => root,
  path: '/profiles/$id',
  validateSearch: cardSearch,
  component: lazyRouteComponent(() => import('../features/card/CardPage'), 'CardPage'),
});

const analytics = createRoute({
  getParentRoute: () => root,
  path: '/analytics',
  validateSearch: analyticsSearch,
  component: lazyRouteComponent(() => import('../features/analytics/AnalyticsPage'), 'AnalyticsPage'),
});

const effects = createRoute({
  getParentRoute: () => root,
  path: '/effects',
  validateSearch: effectsSearch,
  component: lazyRouteComponent(() => import('../features/effects/EffectsPage'), 'EffectsPage'),
});

const calendar = createRoute({
  getParentRoute: () => root,
  path: '/calendar',
  validateSearch: calendarSearch,
  component: lazyRouteComponent(() => import('../features/calendar/CalendarPage'), 'CalendarPage'),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('../features/settings/SettingsPage'), 'SettingsPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    journeys,
    journey,
    profiles,
    card,
    analytics,
    effects,
    calendar,
    settings,
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: PageError,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
