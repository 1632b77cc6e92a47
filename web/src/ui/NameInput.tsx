/** A name that is chosen from those that were seen, or typed. It is handed on when it is finished, not letter by letter. */
import {
  Autocomplete,
  type AutocompleteProps,
  type ComboboxData,
  type ComboboxParsedItem,
  type OptionsFilter,
} from '@mantine/core';
import { useEffect, useState } from 'react';

interface Props {
  label: string;
  hideLabel?: boolean;
  placeholder?: string;
  value: string;
  data: ComboboxData;
  size?: AutocompleteProps['size'];
  renderOption?: AutocompleteProps['renderOption'];
  autoFocus?: boolean;
  /** Stands in a popover, which a click beside it would close. */
  inside?: boolean;
  onChange: (value: string) => void;
}

const MOST = 60;

export function NameInput({
  label,
  hideLabel = false,
  inside = false,
  value,
  data,
  onChange,
  ...more
}: Props) {
  const [text, setText] = useState(value);
  const [opened, setOpened] = useState(false);
  useEffect(() => setText(value), [value]);
  const finish = (next: string) => {
    const name = next.trim();
    setText(name);
    if (name !== value) onChange(name);
  };
  // As long as nothing is typed, what is chosen does not hide the other choices.
  const filter: OptionsFilter = ({ options, search, limit }) => {
    const wanted = search === value ? '' : search.trim().toLocaleLowerCase();
    let left = limit;
    const fits = (option: { label: string }) =>
      left > 0 && option.label.toLocaleLowerCase().includes(wanted) && left-- > 0;
    const found: ComboboxParsedItem[] = [];
    for (const option of options) {
      if (!('group' in option)) found.push(...(fits(option) ? [option] : []));
      else {
        const items = option.items.filter(fits);
        if (items.length > 0) found.push({ ...option, items });
      }
    }
    return found;
  };
  return (
    <Autocomplete
      {...more}
      {...(hideLabel ? { 'aria-label': label } : { label })}
      value={text}
      data={data}
      filter={filter}
      limit={MOST}
      autoComplete="off"
      spellCheck={false}
      comboboxProps={{ withinPortal: !inside }}
      dropdownOpened={opened}
      onDropdownOpen={() => setOpened(true)}
      onDropdownClose={() => setOpened(false)}
      onChange={setText}
      onOptionSubmit={finish}
      onBlur={() => finish(text)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || event.defaultPrevented) return;
        finish(text);
        // What was typed is chosen: the list would lie over what comes next.
        setOpened(false);
      }}
    />
  );
}
