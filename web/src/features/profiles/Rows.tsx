/** Profiles as a table; each name leads to the card. */
import { Anchor, Table } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { t } from '../../app/messages';
import { Person } from '../../ui/Person';
import { Tags } from '../../ui/Tags';
import { type Column, NAME, type Row } from './columns';
import classes from './Rows.module.css';

interface Props {
  rows: readonly Row[];
  columns: readonly Column[];
  /** They are about to be replaced. */
  stale?: boolean;
}

export function Rows({ rows, columns, stale = false }: Props) {
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table verticalSpacing={8} highlightOnHover aria-busy={stale}>
        <Table.Caption className="mp-hidden">{t('profiles.table')}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{NAME.label}</Table.Th>
            {columns.map((column) => (
              <Table.Th key={column.id} ta={column.isNumber ? 'right' : undefined}>
                <bdi>{column.label}</bdi>
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.profile}>
              <Table.Td>
                <Person who={row}>
                  {(name) => (
                    <Anchor
                      fw={600}
                      c="inherit"
                      renderRoot={(props) => (
                        <Link to="/profiles/$id" params={{ id: String(row.profile) }} {...props} />
                      )}
                    >
                      {name}
                    </Anchor>
                  )}
                </Person>
              </Table.Td>
              {columns.map((column) => (
                <Table.Td key={column.id} className={column.isNumber ? classes.number : classes.cell}>
                  {column.id === 'tags' ? <Tags tags={row.tags ?? []} /> : <bdi>{column.text(row)}</bdi>}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
