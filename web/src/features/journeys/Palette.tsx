/** Node types to add, by family: by click behind the selected node, or by dragging onto the canvas. */
import { ScrollArea, Text, TextInput, UnstyledButton } from '@mantine/core';
import { Search } from 'lucide-react';
import { useState } from 'react';
import type { Schemas } from '../../api/client';
import { t } from '../../app/messages';
import { DRAGGED } from '../../canvas/Canvas';
import { FAMILIES, iconOf, LOOKS } from '../../canvas/families';
import classes from './journey.module.css';

/** Where the key `A` leads. */
export const PALETTE_SEARCH = 'find-a-node';

interface Props {
  types: readonly Schemas['NodeType'][];
  onAdd: (type: string) => void;
}

export function Palette(props: Props) {
  return (
    <section className={classes.palette} aria-label={t('canvas.palette')}>
      <TypeList {...props} draggable />
      <Text size="xs" c="dimmed">
        {t('canvas.palette.hint')}
      </Text>
    </section>
  );
}

/** Every type by family, with a search; Enter in the search takes the first that is found. */
export function TypeList({ types, onAdd, draggable = false }: Props & { draggable?: boolean }) {
  const [text, setText] = useState('');
  const searched = text.trim().toLocaleLowerCase();
  const wanted = FAMILIES.flatMap((family) =>
    types.filter((type) => type.family === family && type.label.toLocaleLowerCase().includes(searched)),
  );
  // "end" is rather End than Send email.
  const first = wanted.find((type) => type.label.toLocaleLowerCase().startsWith(searched)) ?? wanted[0];
  return (
    <>
      <TextInput
        data-autofocus
        id={draggable ? PALETTE_SEARCH : undefined}
        aria-label={t('canvas.palette.find')}
        placeholder={t('canvas.palette.find')}
        leftSection={<Search size={16} aria-hidden="true" />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || searched === '' || first === undefined) return;
          onAdd(first.type);
          setText('');
        }}
      />
      <ScrollArea className={classes.types} tabIndex={-1}>
        {FAMILIES.map((family) => {
          const here = wanted.filter((type) => type.family === family);
          return here.length === 0 ? null : (
            <div key={family}>
              <Text size="xs" fw={650} mt="sm" mb={6} c="dimmed">
                {t(`canvas.family.${family}`)}
              </Text>
              {here.map((type) => {
                const Icon = iconOf(family, type.type);
                return (
                  <UnstyledButton
                    key={type.type}
                    className={classes.type}
                    draggable={draggable}
                    onDragStart={(event) => event.dataTransfer.setData(DRAGGED, type.type)}
                    onClick={() => onAdd(type.type)}
                  >
                    <span
                      className={classes.dot}
                      style={{ background: LOOKS[family].colour }}
                      aria-hidden="true"
                    >
                      <Icon size={14} />
                    </span>
                    {type.label}
                  </UnstyledButton>
                );
              })}
            </div>
          );
        })}
        {wanted.length === 0 && (
          <Text size="sm" mt="sm">
            {t('canvas.palette.none', { text: text.trim() })}
          </Text>
        )}
      </ScrollArea>
    </>
  );
}
