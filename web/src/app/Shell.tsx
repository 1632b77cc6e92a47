/** What stands around every page: the navigation, the workspace, the account, and the state of the connection. */
import { Link, Outlet } from '@tanstack/react-router';
import { CalendarClock, ChartNoAxesColumn, Route, Send, Settings, Users, WifiOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { connection } from '../api/connection';
import type { Session } from '../api/session';
import { here, workspace } from '../api/session';
import { useStore } from '../api/store';
import { Mark } from '../ui/Mark';
import { AccountMenu } from './AccountMenu';
import { t } from './messages';
import classes from './Shell.module.css';
import { WorkspaceMenu } from './WorkspaceMenu';

export function Shell({ session }: { session: Session }) {
  const chosen = useStore(workspace);
  const present = here(session.workspaces, chosen);
  const own = session.workspaces.find((one) => !one.demo);
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#content">
        {t('shell.skip')}
      </a>
      <header className={classes.side}>
        <Link to="/journeys" className={classes.mark} aria-label={t('app.name')}>
          <Mark />
        </Link>
        <nav className={classes.nav} aria-label={t('shell.nav')}>
          <Entry to="/journeys" icon={<Route size={20} />} text={t('shell.journeys')} />
          <Entry to="/profiles" icon={<Users size={20} />} text={t('shell.profiles')} />
          <Entry to="/analytics" icon={<ChartNoAxesColumn size={20} />} text={t('shell.analytics')} />
          <Entry to="/effects" icon={<Send size={20} />} text={t('shell.effects')} />
          <Entry to="/calendar" icon={<CalendarClock size={20} />} text={t('shell.calendar')} />
          <Entry to="/settings" icon={<Settings size={20} />} text={t('shell.settings')} />
        </nav>
        <div className={classes.foot}>
          {present !== undefined && <WorkspaceMenu here={present} all={session.workspaces} />}
          <AccountMenu user={session.user} />
        </div>
      </header>
      <main id="content" className={classes.main} tabIndex={-1}>
        <ConnectionBanner />
        {present?.demo && (
          <div className={classes.demo}>
            <strong>{t('shell.simulated')}</strong> {t('shell.simulated.text')}
            {own !== undefined && (
              <Link to="/journeys" search={{ workspace: own.name }}>
                {t('shell.simulated.own')}
              </Link>
            )}
            <Link to="/settings">{t('shell.simulated.delete')}</Link>
          </div>
        )}
        <div className={classes.page}>
          <Outlet />
        </div>
      </main>
    </div>
  );
}

function Entry({
  to,
  icon,
  text,
}: {
  to: '/journeys' | '/profiles' | '/analytics' | '/effects' | '/calendar' | '/settings';
  icon: ReactNode;
  text: string;
}) {
  return (
    <Link to={to} className={classes.entry} activeProps={{ 'data-here': true }}>
      <span aria-hidden="true">{icon}</span>
      {text}
    </Link>
  );
}

function ConnectionBanner() {
  const lost = useStore(connection) === 'lost';
  return (
    <div role="status" aria-live="polite">
      {lost && (
        <div className={classes.lost}>
          <WifiOff size={16} aria-hidden="true" /> {t('shell.lost')}
        </div>
      )}
    </div>
  );
}
