/** The whole list as a file, with the columns that are shown (D-2.7). */
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../app/messages';
import { saveCsv } from '../../ui/csv';
import { type Column, table } from './columns';
import { readAll, type Whom } from './queries';

export function ExportButton({
  whom,
  columns,
  file,
}: {
  whom: Whom;
  columns: readonly Column[];
  file: string;
}) {
  const [count, setCount] = useState(0);
  const save = useMutation({
    mutationFn: () => readAll(whom, setCount),
    onSuccess: (rows) => saveCsv(file, table(columns, rows)),
    onSettled: () => setCount(0),
  });
  return (
    <Button
      variant="default"
      leftSection={<Download size={16} aria-hidden="true" />}
      disabled={save.isPending}
      onClick={() => save.mutate()}
    >
      {save.isPending ? t('profiles.exporting', { count }) : t('common.export')}
    </Button>
  );
}
