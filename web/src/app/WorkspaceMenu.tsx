/** Which workspace one is in, and the way to another. The address carries its name. */
import { Badge, Menu, UnstyledButton } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import type { SessionWorkspace } from '../api/session';
import classes from './menus.module.css';
import { t } from './messages';

export function WorkspaceMenu({ here, all }: { here: SessionWorkspace; all: SessionWorkspace[] }) {
  const navigate = useNavigate();
  return (
    <Menu position="right-end" withinPortal>
      <Menu.Target>
        <UnstyledButton className={classes.workspace} aria-label={t('shell.workspace', { name: here.name })}>
          <span className={classes.workspaceName}>{here.name}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('shell.workspaces')}</Menu.Label>
        {all.map((one) => (
          <Menu.Item
            key={one.name}
            leftSection={one.name === here.name ? <Check size={16} /> : <span className={classes.gap} />}
            rightSection={
              one.demo ? (
                <Badge variant="light" size="sm">
                  {t('shell.simulated')}
                </Badge>
              ) : undefined
            }
            onClick={() => navigate({ to: '/journeys', search: { workspace: one.name } })}
          >
            {one.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
