/** The workspace's rule for messages of which nobody knows whether they have arrived (D-7). */
import { Radio, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { t } from '../../app/messages';
import { tell } from '../../ui/notices';
import { Failed, LoadingRows } from '../../ui/states';
import { workspaceQuery } from '../../ui/workspace';
import { useChangeWorkspace } from './queries';
import { Section } from './Section';

const RULES = ['ask', 'send_again', 'leave'] as const;

export function Uncertain() {
  const workspace = useQuery(workspaceQuery);
  const change = useChangeWorkspace();
  return (
    <Section title={t('uncertain.title')} text={t('uncertain.text')}>
      {workspace.data === undefined ? (
        workspace.isError ? (
          <Failed error={workspace.error} onRetry={() => workspace.refetch()} />
        ) : (
          <LoadingRows rows={3} />
        )
      ) : (
        <Radio.Group
          aria-label={t('uncertain.title')}
          value={change.isPending ? change.variables.uncertain : workspace.data.uncertain}
          onChange={(value) => {
            const uncertain = RULES.find((one) => one === value);
            if (uncertain !== undefined)
              change.mutate({ uncertain }, { onSuccess: () => tell(t('uncertain.saved')) });
          }}
        >
          <Stack gap="sm">
            {RULES.map((rule) => (
              <Radio
                key={rule}
                value={rule}
                disabled={change.isPending}
                label={t(`uncertain.${rule}`)}
                description={t(`uncertain.${rule}.text`)}
              />
            ))}
          </Stack>
        </Radio.Group>
      )}
    </Section>
  );
}
