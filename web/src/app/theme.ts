/** Colours and shapes. Every pair of text and ground here has a contrast of at least 4.5 to 1 (WCAG 1.4.3). */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple, Menu } from '@mantine/core';

const brand: MantineColorsTuple = [
  '#eef1ff',
  '#dbe2ff',
  '#b9c6fb',
  '#93a5f6',
  '#6f86ef',
  '#516be4',
  '#3f57d8',
  '#3449bd',
  '#2b3c9b',
  '#22307c',
];

const dark: MantineColorsTuple = [
  '#e4e8f1',
  '#ccd2e0',
  '#aab3c7',
  '#7f8aa3',
  '#434b60',
  '#323949',
  '#222836',
  '#191e2a',
  '#12161f',
  '#0b0e15',
];

/** The list itself scrolls: around it, a scrolling box would have to be reached by keyboard (WCAG 2.1.1). */
const scrollingList = {
  defaultProps: { withScrollArea: false },
  styles: { options: { maxHeight: 300, overflowY: 'auto' } },
} as const;

export const theme = createTheme({
  primaryColor: 'brand',
  primaryShade: { light: 6, dark: 6 },
  colors: { brand, dark },
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace',
  headings: { fontFamily: '"Inter Variable", system-ui, sans-serif', fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  components: {
    Autocomplete: scrollingList,
    // Its placeholder for the focus would be a child of the menu that is no item of it (WCAG 1.3.1).
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
    MultiSelect: scrollingList,
    Select: scrollingList,
    TagsInput: scrollingList,
  },
});

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-text': '#171c2c',
    '--mantine-color-dimmed': '#525c73',
    '--mantine-color-placeholder': '#667085',
    '--mantine-color-error': '#c42626',
    '--mantine-color-anchor': '#3449bd',
    '--mp-page': '#f5f6f9',
    '--mp-surface': '#ffffff',
    '--mp-raised': '#f9fafc',
    '--mp-border': '#dfe3ea',
    '--mp-line': '#76829a',
    '--mp-accent': '#3f57d8',
    '--mp-accent-soft': '#e3e9ff',
    '--mp-accent-ink': '#2b3c9b',
    '--mp-danger': '#c42626',
    '--mp-danger-soft': '#fdecec',
    '--mp-warn-ink': '#7a4b00',
    '--mp-warn-soft': '#fff3d6',
    '--mp-good-ink': '#0d6b4f',
    '--mp-good-soft': '#dcf5ea',
    '--mp-shadow': '0 1px 2px rgb(18 24 40 / 8%), 0 2px 8px rgb(18 24 40 / 5%)',
  },
  dark: {
    '--mantine-color-body': '#191e2a',
    '--mantine-color-text': '#e4e8f1',
    '--mantine-color-dimmed': '#aab3c7',
    '--mantine-color-placeholder': '#98a2b8',
    '--mantine-color-error': '#ff9c9c',
    '--mantine-color-anchor': '#93a5f6',
    '--mp-page': '#10141d',
    '--mp-surface': '#191e2a',
    '--mp-raised': '#1e2432',
    '--mp-border': '#323949',
    '--mp-line': '#8591aa',
    '--mp-accent': '#6f86ef',
    '--mp-accent-soft': '#272f55',
    '--mp-accent-ink': '#b9c6fb',
    '--mp-danger': '#ff9c9c',
    '--mp-danger-soft': '#3d2128',
    '--mp-warn-ink': '#f4cd7c',
    '--mp-warn-soft': '#3a2f17',
    '--mp-good-ink': '#86dcb9',
    '--mp-good-soft': '#173a2e',
    '--mp-shadow': '0 1px 2px rgb(0 0 0 / 40%), 0 2px 8px rgb(0 0 0 / 30%)',
  },
});
