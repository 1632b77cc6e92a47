/** What the server has against a form, where the form is. */
import { Alert } from '@mantine/core';
import { CircleAlert } from 'lucide-react';
import { explain } from '../../ui/explain';

export function Problem({ error }: { error: unknown }) {
  const { message, fix } = explain(error);
  return (
    <Alert color="red" variant="light" role="alert" icon={<CircleAlert size={18} />} title={message}>
      {fix}
    </Alert>
  );
}
