/** What keeps a draft from being activated; each line leads to its node. */
import { Button, Popover, Text, UnstyledButton } from '@mantine/core';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../app/messages';
import { quoted } from '../../ui/explain';
import classes from './journey.module.css';
import type { Issue } from './queries';

interface Props {
  issues: readonly Issue[];
  /** What a node is called. */
  title: (node: string) => string;
  onJump: (node: string) => void;
}

export function Issues({ issues, title, onJump }: Props) {
  const [opened, setOpened] = useState(false);
  const none = issues.length === 0;
  const Icon = none ? CircleCheck : TriangleAlert;
  return (
    <Popover
      position="bottom-end"
      width={360}
      shadow="md"
      trapFocus
      returnFocus
      opened={opened && !none}
      onChange={setOpened}
    >
      <Popover.Target>
        <Button
          variant="default"
          c={none ? undefined : 'var(--mp-danger)'}
          disabled={none}
          leftSection={<Icon size={16} aria-hidden="true" />}
          onClick={() => setOpened((now) => !now)}
        >
          {none ? t('canvas.noIssues') : t('canvas.issues', { count: issues.length })}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('canvas.issues.title')}>
        <Text size="sm" fw={650} mb="xs">
          {t('canvas.issues.title')}
        </Text>
        <ul className={classes.issues}>
          {issues.map(({ code, node, field, text, fix }) => (
            <li key={`${code} ${node} ${field} ${text}`}>
              {node === null ? (
                <div className={classes.issue}>
                  <Words text={text} fix={fix} />
                </div>
              ) : (
                <UnstyledButton
                  className={classes.issue}
                  onClick={() => {
                    setOpened(false);
                    onJump(node);
                  }}
                >
                  <Text component="bdi" size="xs" fw={650}>
                    {title(node)}
                  </Text>
                  <Words text={text} fix={fix} />
                </UnstyledButton>
              )}
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

function Words({ text, fix }: { text: string; fix: string }) {
  return (
    <>
      <bdi>{quoted(text)}</bdi>
      <Text component="span" size="xs" c="dimmed">
        {quoted(fix)}
      </Text>
    </>
  );
}
