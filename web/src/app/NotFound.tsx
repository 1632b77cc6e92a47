import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { MapPinOff } from 'lucide-react';
import { Empty } from '../ui/states';
import { t } from './messages';

export function NotFound() {
  return (
    <Empty icon={<MapPinOff size={26} />} title={t('error.notFound')} text={t('error.notFound.text')}>
      <Button component={Link} to="/journeys">
        {t('error.notFound.action')}
      </Button>
    </Empty>
  );
}
