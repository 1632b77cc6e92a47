/** One step or series: its event, conditions on its params, and how it is called. */
import { ActionIcon, Button, Collapse, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, ListFilter, X } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import { t } from '../../app/messages';
import { ActionPicker } from '../../ui/ActionPicker';
import { paramsQuery } from '../../ui/catalogue';
import { ConditionBuilder } from '../../ui/condition/ConditionBuilder';
import { conditionText, type Where } from '../../ui/condition/condition';
import classes from './EventCard.module.css';
import type { Chosen, ChosenSeries, Draft, Measure } from './question';

interface Props {
  kind: Draft['kind'];
  index: number;
  count: number;
  event: ChosenSeries;
  /** Of its line in the chart, where it has one. */
  colour?: string;
  onChange: (event: Chosen, quiet?: boolean) => void;
  onMove: (to: number) => void;
  onRemove: () => void;
}

export function EventCard({ kind, index, count, event, colour, onChange, onMove, onRemove }: Props) {
  const number = index + 1;
  const [open, setOpen] = useState(false);
  const id = useId();
  const isFunnel = kind === 'funnel';
  const condition = conditionText(event.where);
  const put = (change: Partial<ChosenSeries>, quiet?: boolean) => onChange({ ...event, ...change }, quiet);
  return (
    <li className={classes.card} aria-label={t(isFunnel ? 'funnel.step' : 'trend.seriesNumber', { number })}>
      <div className={classes.head}>
        <span
          className={classes.number}
          style={colour === undefined ? undefined : { boxShadow: `0 0 0 3px ${colour}` }}
          aria-hidden="true"
        >
          {number}
        </span>
        <div className={classes.picker}>
          <ActionPicker
            hideLabel
            label={`${t(isFunnel ? 'funnel.step' : 'trend.seriesNumber', { number })}: ${t('catalogue.action')}`}
            value={event.action}
            onChange={(action) => put({ action, ...(action === event.action ? {} : { where: undefined }) })}
          />
        </div>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t(isFunnel ? 'funnel.remove' : 'trend.remove', { number })}
          onClick={onRemove}
        >
          <X size={16} aria-hidden="true" />
        </ActionIcon>
      </div>
      {!isFunnel && (
        <NativeSelect
          size="xs"
          aria-label={`${t('trend.seriesNumber', { number })}: ${t('trend.measure')}`}
          value={event.measure ?? 'events'}
          data={(['events', 'profiles'] as const).map((one) => ({
            value: one,
            label: t(`trend.measure.${one}`),
          }))}
          onChange={({ currentTarget }) => put({ measure: currentTarget.value as Measure })}
        />
      )}
      <div className={classes.tools}>
        {event.action !== '' && (
          <Button
            size="compact-sm"
            variant="subtle"
            className={classes.condition}
            aria-expanded={open}
            aria-controls={id}
            leftSection={<ListFilter size={14} aria-hidden="true" />}
            onClick={() => setOpen(!open)}
          >
            {open ? t('where.close') : condition === '' ? t('where.open') : t('where.some', { condition })}
          </Button>
        )}
        {isFunnel && count > 1 && (
          <span className={classes.arrows}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('funnel.up', { number })}
              disabled={index === 0}
              onClick={() => onMove(index - 1)}
            >
              <ArrowUp size={15} aria-hidden="true" />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('funnel.down', { number })}
              disabled={index === count - 1}
              onClick={() => onMove(index + 1)}
            >
              <ArrowDown size={15} aria-hidden="true" />
            </ActionIcon>
          </span>
        )}
      </div>
      <Collapse expanded={open} id={id}>
        {open && (
          <div className={classes.more}>
            <Conditions event={event} onChange={(where) => put({ where: where ?? undefined }, true)} />
            <NameLine
              label={t(isFunnel ? 'funnel.rename' : 'trend.rename')}
              placeholder={event.action}
              value={event.label ?? ''}
              onChange={(label) => put({ label: label === '' ? undefined : label })}
            />
          </div>
        )}
      </Collapse>
    </li>
  );
}

const PAUSE = 400;

/** Edits are handed on when they pause: each is a question to the server. */
function Conditions({ event, onChange }: { event: Chosen; onChange: (where: Where) => void }) {
  const params = useQuery(paramsQuery(event.action));
  const [where, setWhere] = useState<Where>(event.where);
  const [told, setTold] = useState<Where>(event.where);
  if (event.where !== told) {
    setTold(event.where);
    if (JSON.stringify(event.where ?? null) !== JSON.stringify(where ?? null)) setWhere(event.where);
  }
  useEffect(() => {
    if (JSON.stringify(event.where ?? null) === JSON.stringify(where ?? null)) return;
    const timer = setTimeout(() => onChange(where), PAUSE);
    return () => clearTimeout(timer);
  });
  return (
    <ConditionBuilder
      label={t('where.edit', { name: event.label ?? event.action })}
      value={where}
      subjects={['param']}
      known={{ param: params.data?.params }}
      onChange={setWhere}
    />
  );
}

function NameLine({
  label,
  placeholder,
  value,
  onChange,
}: {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const [text, setText] = useState(value);
  const finish = () => text.trim() !== value && onChange(text.trim());
  return (
    <TextInput
      size="xs"
      label={label}
      placeholder={placeholder}
      maxLength={256}
      dir="auto"
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={finish}
      onKeyDown={(event) => event.key === 'Enter' && finish()}
    />
  );
}
