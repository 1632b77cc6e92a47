/** Adds one more to the list or the map of a field. */
import { Box, Button } from '@mantine/core';
import { Plus } from 'lucide-react';
import { t } from '../../app/messages';

interface Props {
  /** Title of the field. */
  to: string;
  disabled?: boolean;
  onClick: () => void;
}

export function AddButton({ to, disabled, onClick }: Props) {
  return (
    <Box mt={8}>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<Plus size={14} />}
        aria-label={t('form.addTo', { label: to })}
        disabled={disabled}
        onClick={onClick}
      >
        {t('form.addItem')}
      </Button>
    </Box>
  );
}
