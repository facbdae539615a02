import { type Child, type Element, el } from '../h.ts';

export type Column<Row> = {
  readonly label: string;
  /** Undefined or false: a dash. */
  readonly cell: (row: Row) => Child;
  /** Numbers stand at the right, digits below digits. */
  readonly numeric?: boolean;
  /** The one that names the row. */
  readonly heads?: boolean;
};

/**
 * A table that can be scrolled by keyboard where it is too wide, with a caption that names it. On narrow screens rows
 * become blocks, each cell with its column's label before it.
 */
export function table<Row>(given: {
  readonly caption: Child;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** Shown in place of rows where there are none. */
  readonly empty?: Child;
}): Element {
  const { caption, columns, rows } = given;
  return el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': typeof caption === 'string' ? caption : 'Table' },
    el(
      'table',
      {},
      el('caption', {}, caption),
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          columns.map(({ label, numeric }) => el('th', { scope: 'col', class: numeric === true && 'number' }, label)),
        ),
      ),
      el(
        'tbody',
        {},
        rows.length === 0
          ? el(
              'tr',
              {},
              el('td', { colspan: columns.length, class: 'nothing' }, given.empty ?? 'There is nothing here.'),
            )
          : rows.map((row) => el('tr', {}, columns.map(cellOf(row)))),
      ),
    ),
  );
}

function cellOf<Row>(row: Row) {
  return ({ label, cell, numeric, heads }: Column<Row>): Element => {
    const content = cell(row);
    const nothing = content === undefined || content === false;
    const classes = [numeric === true ? 'number' : '', nothing ? 'none' : ''].filter((name) => name !== '').join(' ');
    return el(
      heads === true ? 'th' : 'td',
      { scope: heads === true && 'row', class: classes === '' ? undefined : classes, 'data-label': label },
      // One thing beside the label, where rows are blocks.
      nothing ? '–' : heads === true ? content : el('div', {}, content),
    );
  };
}
