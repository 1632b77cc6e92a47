/** The account, and how the app looks to it. */
import { Avatar, Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { signOut } from '../api/session';
import classes from './menus.module.css';
import { t } from './messages';

const SCHEMES = [
  { scheme: 'light', text: 'shell.scheme.light', Icon: Sun },
  { scheme: 'dark', text: 'shell.scheme.dark', Icon: Moon },
  { scheme: 'auto', text: 'shell.scheme.auto', Icon: Monitor },
] as const;

export function AccountMenu({ user }: { user: string }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const leave = useMutation({ mutationFn: signOut });
  const initials = user.slice(0, 2).toUpperCase();
  return (
    <Menu position="right-end" withinPortal>
      <Menu.Target>
        <UnstyledButton
          className={classes.account}
          aria-label={`${initials}, ${t('shell.account', { name: user })}`}
        >
          <Avatar color="brand" variant="filled" radius="xl" size={36} name={user} aria-hidden="true">
            {initials}
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user}</Menu.Label>
        <Menu.Divider />
        <Menu.Label>{t('shell.scheme')}</Menu.Label>
        {SCHEMES.map(({ scheme, text, Icon }) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon size={16} />}
            aria-current={colorScheme === scheme}
            data-here={colorScheme === scheme || undefined}
            className={classes.choice}
            onClick={() => setColorScheme(scheme)}
          >
            {t(text)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={16} />} onClick={() => leave.mutate()}>
          {t('shell.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
