/** Node types to add, by family: by click behind the selected node, or by dragging onto the canvas. */
import { ScrollArea, Text, TextInput, UnstyledButton } from '@mantine/core';
import { Search } from 'lucide-react';
import { useState } from 'react';
import type { Schemas } from '../../api/client';
import { t } from '../../app/messages';
import { DRAGGED } from '../../canvas/Canvas';
import { FAMILIES, LOOKS } from '../../canvas/families';
import classes from './journey.module.css';

interface Props {
  types: readonly Schemas['NodeType'][];
  onAdd: (type: string) => void;
}

export function Palette({ types, onAdd }: Props) {
  const [text, setText] = useState('');
  const wanted = types.filter((type) => type.label.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <section className={classes.palette} aria-label={t('canvas.palette')}>
      <TextInput
        aria-label={t('canvas.palette.find')}
        placeholder={t('canvas.palette.find')}
        leftSection={<Search size={16} aria-hidden="true" />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <ScrollArea className={classes.types} tabIndex={-1}>
        {FAMILIES.map((family) => {
          const here = wanted.filter((type) => type.family === family);
          const { icon: Icon, colour } = LOOKS[family];
          return here.length === 0 ? null : (
            <div key={family}>
              <Text size="xs" fw={650} mt="sm" mb={6}>
                {t(`canvas.family.${family}`)}
              </Text>
              {here.map((type) => (
                <UnstyledButton
                  key={type.type}
                  className={classes.type}
                  draggable
                  onDragStart={(event) => event.dataTransfer.setData(DRAGGED, type.type)}
                  onClick={() => onAdd(type.type)}
                >
                  <span className={classes.dot} style={{ background: colour }} aria-hidden="true">
                    <Icon size={14} />
                  </span>
                  {type.label}
                </UnstyledButton>
              ))}
            </div>
          );
        })}
      </ScrollArea>
      <Text size="xs" c="dimmed">
        {t('canvas.palette.hint')}
      </Text>
    </section>
  );
}
