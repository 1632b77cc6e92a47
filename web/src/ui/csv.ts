/** Tables as CSV (RFC 4180): pure, and the browser's way to keep one as a file. */

export type Cell = string | number | boolean | null | undefined;

export function toCsv(rows: ReadonlyArray<readonly Cell[]>): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

/**
 * Text that a spreadsheet would take for a formula gets an apostrophe in front: names come from outside. What is only
 * digits and signs, as a phone number, stays as it is.
 */
function field(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  const text = String(cell);
  const safe =
    typeof cell === 'string' && /^[=+\-@\t\r]/.test(text) && !/^[+-]?[\d\s().]+$/.test(text)
      ? `'${text}`
      : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Offer the rows as a file. The mark at its begin tells spreadsheets that it is UTF-8. */
export function saveCsv(name: string, rows: ReadonlyArray<readonly Cell[]>): void {
  const address = URL.createObjectURL(new Blob(['\uFEFF', toCsv(rows)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${name}.csv`;
  link.click();
  URL.revokeObjectURL(address);
}
