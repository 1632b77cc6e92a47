/** Limits and rules of the whole journey: entry key, ages, goal, exit rule (D-3.3, D-3.4). */
import { Fieldset, Modal, Stack, Switch, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client';
import { t } from '../../app/messages';
import { ConditionBuilder } from '../../ui/condition/ConditionBuilder';
import type { Where } from '../../ui/condition/condition';
import { SchemaForm } from '../../ui/form/SchemaForm';
import type { Schema } from '../../ui/form/schema';

interface Rule {
  action: string;
  where?: Where;
}

interface Props {
  settings: Readonly<Record<string, unknown>>;
  readOnly: boolean;
  onChange: (settings: Record<string, unknown>, place: string) => void;
  onClose: () => void;
}

const RULES = ['goal', 'exit_rule'] as const;

export default function JourneySettings({ settings, readOnly, onChange, onClose }: Props) {
  const schema = useQuery({
    queryKey: ['schema', 'journey'],
    queryFn: ({ signal }) => data(api.GET('/api/v1/schemas/journey', { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const form = schema.data === undefined ? undefined : withoutRules(schema.data as Schema);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('canvas.settings.title')}
      size="lg"
      centered
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Stack gap="md">
        {form !== undefined && (
          <SchemaForm
            schema={form}
            value={settings}
            disabled={readOnly}
            onChange={(next, field) => onChange({ ...settings, ...next, [field]: next[field] }, field)}
          />
        )}
        {RULES.map((name) => (
          <RuleField
            key={name}
            name={name}
            rule={settings[name] as Rule | null | undefined}
            readOnly={readOnly}
            onChange={(rule) => onChange({ ...settings, [name]: rule }, name)}
          />
        ))}
      </Stack>
    </Modal>
  );
}

interface RuleProps {
  name: (typeof RULES)[number];
  rule: Rule | null | undefined;
  readOnly: boolean;
  onChange: (rule: Rule | null) => void;
}

function RuleField({ name, rule, readOnly, onChange }: RuleProps) {
  const given = rule ?? undefined;
  return (
    <Fieldset disabled={readOnly}>
      <Switch
        label={t(`canvas.settings.${name}`)}
        description={t(`canvas.settings.${name}.text`)}
        checked={given !== undefined}
        onChange={(event) => onChange(event.currentTarget.checked ? { action: 'order.placed' } : null)}
      />
      {given !== undefined && (
        <Stack gap="sm" mt="sm">
          <TextInput
            label={t('canvas.settings.event')}
            value={given.action}
            maxLength={255}
            onChange={(event) => {
              // An action without letters cannot be stored: what was typed last stays until there are some again.
              const action = event.currentTarget.value.replace(/[^A-Za-z0-9._-]/g, '');
              if (action !== '') onChange({ ...given, action });
            }}
          />
          <ConditionBuilder
            label={t('canvas.settings.event')}
            value={given.where ?? null}
            subjects={['param']}
            disabled={readOnly}
            onChange={(where) => onChange({ ...given, where: where ?? null })}
          />
        </Stack>
      )}
    </Fieldset>
  );
}

/** The form of the settings, without the two rules, which have a form of their own. */
function withoutRules(journey: Schema): Schema {
  const settings = journey.$defs?.JourneySettings ?? {};
  const properties = Object.fromEntries(
    Object.entries(settings.properties ?? {}).filter(([name]) => name !== 'goal' && name !== 'exit_rule'),
  );
  return { ...settings, properties, $defs: journey.$defs };
}
